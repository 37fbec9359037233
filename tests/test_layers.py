"""The order of the house: imports go strictly down, and the app never reaches torch."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bench.browser import HOUSE

# The wings of gan/, from the ground up. `ground` is every module that lies in gan/ itself.
WINGS = ["ground", "pictures", "recipes", "data", "generator", "latent", "runs", "charts", "control", "hub"]
WINGS += ["compute", "nets", "train", "runner", "explore", "evaluate", "worker", "cli"]
ABOVE = ["ui", "pages", "app"]  # in this order over all of gan/
HEAVY = {"torch", "torchvision", "sklearn"}  # what no page waits for
TOPS = ["gan", "ui", "pages", "app"]


@cache
def modules() -> dict[str, Path]:
    """Every module of the app by its dotted name."""
    files = [file for top in TOPS for file in [HOUSE / f"{top}.py", *(HOUSE / top).rglob("*.py")]]
    return {name_of(file): file for file in files if file.is_file()}


def name_of(file: Path) -> str:
    """A file's dotted name; a package is called like its folder."""
    parts = file.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(name: str) -> frozenset[str]:
    """What a module imports anywhere in it, by dotted names."""
    return frozenset(_imports(ast.parse(modules()[name].read_text())))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                yield inside if inside in modules() else node.module


def floor(name: str) -> int:
    """How high a module's wing lies."""
    parts = name.split(".")
    if parts[0] != "gan":
        return len(WINGS) + ABOVE.index(parts[0])
    if name == "gan.__main__":
        return WINGS.index("cli")
    return WINGS.index(parts[1] if len(parts) > 2 or (HOUSE / "gan" / parts[-1]).is_dir() else "ground")


def test_imports_go_down_from_wing_to_wing() -> None:
    upward = [
        f"{name} -> {other}"
        for name in modules()
        for other in imports(name)
        if other in modules() and floor(other) > floor(name)
    ]
    assert not upward


def test_no_modules_import_each_other_in_a_circle() -> None:
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join([*way[way.index(name) :], name])
        if name not in done:
            for other in imports(name) & modules().keys() - {name}:
                visit(other, (*way, name))
            done.add(name)

    for name in modules():
        if name != "gan.nets":  # a package that hands on the nets in its own folder
            visit(name, ())


def test_what_the_app_reaches_by_its_imports_holds_no_torch() -> None:
    reached, wanted = set(), {name for name in modules() if name.split(".")[0] in ABOVE}
    while wanted:
        name = wanted.pop()
        heavy = [other for other in imports(name) if other.split(".")[0] in HEAVY]
        assert not heavy, f"{name} imports {heavy}"
        reached.add(name)
        wanted |= imports(name) & modules().keys() - reached


def test_streamlit_stands_above_gan() -> None:
    above = {"streamlit", *ABOVE}
    guilty = [(name, other) for name in modules() for other in imports(name) if other.split(".")[0] in above]
    assert not [pair for pair in guilty if pair[0].startswith("gan")]


def test_benches_import_nothing_from_tests() -> None:
    found = {file: set(_imports(ast.parse(file.read_text()))) for file in (HOUSE / "bench").glob("*.py")}
    assert not [file for file, names in found.items() if any(name.startswith("tests") for name in names)]


def test_no_pickle_is_read_or_written_anywhere() -> None:
    for name in modules():
        assert not {other for other in imports(name) if other.split(".")[0] in ("pickle", "cloudpickle")}
        source = modules()[name].read_text()
        assert "torch.load" not in source and "torch.save" not in source, name
