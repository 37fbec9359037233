"""How large a checkout is, and how long its functions are.

`python -m bench.counts [FOLDER]` counts this checkout or another one. Only the standard library is used, so
the packages of a checkout need not be installed.
"""

import argparse
import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

HOUSE = Path(__file__).parents[1]
APP = ("gan", "ui", "pages", "app.py")
TESTS = ("tests",)


class Function(NamedTuple):
    """A function or method: where it is, how many lines it has, whether it says what it returns."""

    name: str
    lines: int
    is_typed: bool


def python_files(house: Path, tops: tuple[str, ...]) -> list[Path]:
    """The Python files of some of a checkout's folders, and those of them that are files themselves."""
    folders = [house / top for top in tops]
    return [folder for folder in folders if folder.is_file()] + [
        file for folder in folders for file in sorted(folder.rglob("*.py"))
    ]


def functions_in(file: Path) -> Iterator[Function]:
    """All functions of a file, those in classes and in other functions too; decorators are not counted."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Function(f"{file.stem}.{node.name}", lines, node.returns is not None)


def lines_of(file: Path) -> int:
    """How many lines a file has."""
    return len(file.read_text().splitlines())


def counts(house: Path) -> dict[str, str]:
    """What is counted, by name, ready to print. Raises SystemExit for a folder without the app."""
    app, tests = python_files(house, APP), python_files(house, TESTS)
    if not app:
        raise SystemExit(f"{house} holds none of {', '.join(APP)}: name the folder of a checkout.")
    functions = [function for file in app for function in functions_in(file)]
    tested = [function for file in tests for function in functions_in(file)]
    longest = max(functions, key=lambda function: function.lines)
    largest = max(app, key=lines_of)
    return {
        "Python files of the app": str(len(app)),
        "Python files of the tests": str(len(tests)),
        "lines of the app": f"{sum(map(lines_of, app)):,}",
        "lines of the tests": f"{sum(map(lines_of, tests)):,}",
        "functions of the app": f"{len(functions):,}",
        "median function": f"{median(function.lines for function in functions):g} lines",
        "longest function": f"{longest.name}, {longest.lines} lines",
        "functions over 40 lines": str(sum(function.lines > 40 for function in functions)),
        "longest file": f"{largest.relative_to(house)}, {lines_of(largest)} lines",
        "files over 300 lines": str(sum(lines_of(file) > 300 for file in app)),
        "without a return type, app": str(sum(not function.is_typed for function in functions)),
        "without a return type, tests": f"{sum(not f.is_typed for f in tested)} of {len(tested)}",
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=HOUSE, help="default: this checkout")
    for name, value in counts(parser.parse_args().folder.resolve()).items():
        print(f"{name:<30}{value}")


if __name__ == "__main__":
    main()
