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
        "numerics",
        "graphs",
        "digest",
        "events",
        "limits",
        "jobs",
        "uploads",
    },
    {"data", "averaging", "torch_settings", "by_hand", "runs", "workers", "charts", "films", "hub.wire"},
    {"formats", "model", "handles", "ring", "looks", "hub.curves", "hub.accounts", "hub.oauth", "hub.pulled"},
    {
        "asked",
        "saved",
        "latent_files",
        "trainer",
        "weights",
        "shelf",
        "latents",
        "directions",
        "neighbours",
        "inversion",
        "hub.card",
    },
    {"recent", "checkpoints", "skeleton", "packing", "tuning", "viewing"},
    {"training", "desk", "hub.parcel"},
    {"tasks", "hub.repos"},
    {"worker", "live", "hub.push"},
    {"hub.share", "hub.commands"},
    {"sampling"},
    {"__main__"},
]
FLOOR = {name: number for number, floor in enumerate(FLOORS) for name in floor}
TORCH_FREE = ["words", "recipes", "sources", "structure", "pictures", "messages", "threads", "charts", "runs"]
TORCH_FREE += [
    "asked",
    "formats",
    "numerics",
    "workers",
    "handles",
    "live",
    "events",
    "limits",
    "ring",
    "shelf",
    "packing",
    "films",
    "digest",
    "looks",
    "uploads",
    "recent",
    "saved",
    "latent_files",
    "hub.share",
    "hub.push",
    "hub.oauth",
]


def modules() -> dict[str, list[str]]:
    """Every module of gan/ with the modules it imports; `nets` is one, those of `hub` are each their own."""
    found: dict[str, list[str]] = {}
    folders = [HOUSE / "gan", HOUSE / "gan" / "nets", HOUSE / "gan" / "hub"]
    for file in [file for folder in folders for file in folder.glob("*.py")]:
        name = {"nets": "nets", "hub": f"hub.{file.stem}"}.get(file.parent.name, file.stem)
        if file.stem != "__init__" or name == "nets":
            found.setdefault(name, []).extend(imports(ast.parse(file.read_text())))
    return found


def imports(tree: ast.AST) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            whole = node.module in ("gan", "gan.hub")  # a module taken by its package
            names += [f"{node.module}.{alias.name}" for alias in node.names] if whole else [node.module]
    return names


def test_every_module_has_its_floor():
    assert set(modules()) == set(FLOOR)


def test_imports_go_strictly_down():
    upward = []
    for name, imported in modules().items():
        for other in imported:
            inside = other.removeprefix("gan.").split(".") if other.startswith("gan.") else [None]
            below = ".".join(inside[:2]) if inside[0] == "hub" else inside[0]
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
    files = [HOUSE / "app.py", *(HOUSE / "pages").glob("*.py"), *(HOUSE / "ui").rglob("*.py")]
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
    for file in [*HOUSE.glob("*.py"), *(HOUSE / "gan").rglob("*.py"), *(HOUSE / "ui").rglob("*.py")]:
        source = file.read_text()
        assert "import pickle" not in source and "torch.load" not in source and "torch.save" not in source, (
            file
        )
