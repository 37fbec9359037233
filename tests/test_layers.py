"""The order of the house: imports go strictly down, and the app never reaches torch."""

import ast

import pytest

from bench.counts import APP, functions_in, lines_of, python_files
from docs.wings import ABOVE, HEAVY, HOUSE, floor, imports, imports_in, modules, reached
from tests.homes import HOMES


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
    above = {name for name in modules() if name.split(".")[0] in ABOVE}
    for name in set().union(*map(reached, above)):
        heavy = [other for other in imports(name) if other.split(".")[0] in HEAVY]
        assert not heavy, f"{name} imports {heavy}"


def test_streamlit_stands_above_gan() -> None:
    above = {"streamlit", *ABOVE}
    guilty = [(name, other) for name in modules() for other in imports(name) if other.split(".")[0] in above]
    assert not [pair for pair in guilty if pair[0].startswith("gan")]


def test_benches_import_nothing_from_tests() -> None:
    names = {file: set(imports_in(file)) for file in (HOUSE / "bench").glob("*.py")}
    assert not [file for file, found in names.items() if any(name.startswith("tests") for name in found)]


PICKLERS = {"pickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal", "serialization"}


def pickling_in(source: str) -> list[str]:
    """Where a Python text names what pickles: by an import of it, under any name, or by `allow_pickle`."""
    tree, torch, found = ast.parse(source), {"torch", "jit"}, []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            torch |= {each.asname or each.name for each in node.names if each.name.split(".")[0] == "torch"}
            found += [each.name for each in node.names if PICKLERS & set(each.name.split("."))]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{each.name}" for each in node.names]
            found += [name for name in names if PICKLERS & set(name.split(".")) or name in PICKLING]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            whose = ast.unparse(node.value).split(".")
            by_torch = whose[-1] in torch and node.attr in ("load", "save")
            found += [ast.unparse(node)] if by_torch or node.attr in PICKLERS else []
        elif isinstance(node, ast.keyword) and node.arg in ("allow_pickle", "pickle_module"):
            found.append(node.arg)
    return found


PICKLING = {"torch.load", "torch.save", "torch.jit.load", "torch.jit.save"}


def test_no_pickle_is_read_or_written_anywhere() -> None:
    """What does it when it runs, cli/test_train.py sees."""
    assert not {name: found for name, file in modules().items() if (found := pickling_in(file.read_text()))}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import pickle as p",
        "from pickle import loads as read",
        "import torch\ntorch.load(file)",
        "import torch as t\nt.save(net, file)",
        "from torch import load as read",
        "import torch\nread = torch.serialization.load",
        "import torch\ntorch.jit.load(file)",
        "import numpy as np\nnp.load(file, allow_pickle=True)",
        "import joblib",
    ],
)
def test_a_pickle_is_found_under_whatever_name(source: str) -> None:
    assert pickling_in(source)


def test_every_module_of_gan_has_a_test_file_of_its_name_or_a_home() -> None:
    tests = HOUSE / "tests"
    without = set()
    for name in modules():
        wings = name.split(".")[1:]
        named = tests.joinpath(*wings[:-1], f"test_{wings[-1]}.py") if wings else tests
        if name.startswith("gan.") and modules()[name].name != "__init__.py" and not named.exists():
            without.add(name)
    assert without == HOMES.keys()
    assert not [home for home in HOMES.values() if not (tests / home).is_file()]


def test_functions_and_files_are_short() -> None:
    for file in python_files(HOUSE, APP):
        assert lines_of(file) <= 300, file
        assert not [function for function in functions_in(file) if function.lines > 40], file
