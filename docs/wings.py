"""What the house is made of: the wings of gan/ in their order, and who imports whom.

The one place that says it: tests/test_layers.py holds the code to it, docs/draw_layout.py draws it.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent

# The wings of gan/, from the ground up. `ground` is every module that lies in gan/ itself.
SHARED = ["ground", "pictures", "recipes", "data", "generator", "latent", "runs", "charts", "control", "hub"]
# Workers and the command line alone: nothing that the app reaches by its imports stands here.
WITH_TORCH = ["compute", "nets", "train", "runner", "explore", "evaluate", "worker", "cli"]
WINGS = SHARED + WITH_TORCH
ABOVE = ["ui", "pages", "app"]  # in this order over all of gan/
HEAVY = {"torch", "torchvision", "sklearn"}  # what no page waits for
TOPS = ["gan", *ABOVE]


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
    """What a module of the app imports anywhere in it, by dotted names."""
    return frozenset(imports_in(modules()[name]))


def imports_in(file: Path) -> Iterator[str]:
    """What a Python file imports anywhere in it, by dotted names."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                yield inside if inside in modules() else node.module


def wing_of(name: str) -> str:
    """The wing that a module belongs to, one of WINGS or of ABOVE."""
    parts = name.split(".")
    if parts[0] != "gan":
        return parts[0]
    if name == "gan.__main__":
        return "cli"
    return parts[1] if len(parts) > 2 or (HOUSE / "gan" / parts[-1]).is_dir() else "ground"


def floor(name: str) -> int:
    """How high a module's wing lies. Raises ValueError for a wing that is in no list."""
    return (WINGS + ABOVE).index(wing_of(name))


def reached(name: str) -> set[str]:
    """Every module of the app that a module's imports lead to, itself included."""
    found, next_ones = set(), {name}
    while next_ones:
        found |= next_ones
        next_ones = {other for one in next_ones for other in imports(one) & modules().keys()} - found
    return found


def loads_torch(name: str) -> bool:
    """Do a module's imports lead to what no page waits for?"""
    return any(other.split(".")[0] in HEAVY for one in reached(name) for other in imports(one))
