"""The staircase: every import in gan/ goes strictly down, and heavy libraries stay where they belong."""

import ast
import subprocess
import sys

import pytest

from tests.browser import HOUSE

FLOORS = [
    {"words"},
    {
        "recipes",
        "losses",
        "nets",
        "sources",
        "structure",
        "pictures",
        "messages",
        "threads",
        "digest",
        "events",
        "limits",
        "films",
        "jobs",
    },
    {"data", "runs", "workers", "charts", "wire"},
    {"formats", "model", "handles", "ring", "curves", "accounts", "oauth", "pulled"},
    {"trainer", "weights", "shelf", "card"},
    {"checkpoints", "skeleton", "parcel"},
    {"training", "hub"},
    {"tasks", "push"},
    {"worker", "live"},
    {"share", "commands"},
    {"__main__"},
]
FLOOR = {name: number for number, floor in enumerate(FLOORS) for name in floor}
TORCH_FREE = ["words", "recipes", "sources", "structure", "pictures", "messages", "threads", "charts", "runs"]
TORCH_FREE += [
    "formats",
    "workers",
    "handles",
    "live",
    "events",
    "limits",
    "ring",
    "shelf",
    "films",
    "digest",
    "share",
    "push",
    "oauth",
]


def modules() -> dict[str, list[str]]:
    """Every module of gan/ with the modules it imports; `nets` is one."""
    found: dict[str, list[str]] = {}
    for file in [*(HOUSE / "gan").glob("*.py"), *(HOUSE / "gan" / "nets").glob("*.py")]:
        name = "nets" if file.parent.name == "nets" else file.stem
        if name != "__init__":
            found.setdefault(name, []).extend(imports(ast.parse(file.read_text())))
    return found


def imports(tree: ast.AST) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names += [f"gan.{alias.name}" for alias in node.names] if node.module == "gan" else [node.module]
    return names


def test_every_module_has_its_floor():
    assert set(modules()) == set(FLOOR)


def test_imports_go_strictly_down():
    upward = []
    for name, imported in modules().items():
        for other in imported:
            below = other.split(".")[1] if other.startswith("gan.") else None
            if below in FLOOR and below != name and FLOOR[below] >= FLOOR[name]:
                upward.append(f"{name} -> {below}")
    assert not upward


def test_nothing_in_gan_knows_the_pages():
    above = {"streamlit", "ui", "pages", "app"}
    guilty = [
        (name, other) for name, found in modules().items() for other in found if other.split(".")[0] in above
    ]
    assert not guilty


def test_the_pages_know_no_torch():
    files = [HOUSE / "app.py", *(HOUSE / "pages").glob("*.py"), *(HOUSE / "ui").glob("*.py")]
    heavy = {"torch", "torchvision", "sklearn", "safetensors"}
    assert not [
        f.name for f in files for name in imports(ast.parse(f.read_text())) if name.split(".")[0] in heavy
    ]


@pytest.mark.parametrize("name", TORCH_FREE)
def test_what_the_app_imports_is_free_of_torch(name):
    script = f"import sys, gan.{name}; print('torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], cwd=HOUSE, capture_output=True, text=True)
    assert told.stdout.strip() == "False", told.stderr


def test_no_pickle_is_read_or_written_anywhere():
    for file in [*HOUSE.glob("*.py"), *(HOUSE / "gan").rglob("*.py"), *(HOUSE / "ui").glob("*.py")]:
        source = file.read_text()
        assert "import pickle" not in source and "torch.load" not in source and "torch.save" not in source, (
            file
        )
