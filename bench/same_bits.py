"""Do two checkouts train the same weights, to the bit? `python -m bench.same_bits OLD NEW [--steps 200]`.

Each recipe, with and without averaged weights, is trained on the digits by every way of computing that a CPU
has, in each checkout by its own command line. Compared are all tensors of the last checkpoint, the
generator's file, the history and the pictures, byte for byte. A difference ends it with status 1.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FULLY_CONNECTED = [
    {"threads": 1},
    {"threads": 2},
    {"threads": 1, "mode": "by hand"},
    {"threads": 2, "mode": "by hand", "products": "onednn"},
]
CONVOLUTIONAL = [
    {"threads": 1},
    {"threads": 2},
    {"threads": 1, "precision": "bfloat16"},
    {"threads": 2, "precision": "bfloat16"},
]
WAYS = {"mlp": FULLY_CONNECTED, "mlp-g-first": FULLY_CONNECTED, "dcgan": CONVOLUTIONAL}
HALF_LIVES = (0.0, 10_000.0)  # of averaged weights, in images; 0: none


def gan(checkout: Path, *options: str) -> str:
    """What a checkout's command line prints. Raises CalledProcessError."""
    command = [sys.executable, "-m", "gan", *options]
    settings = os.environ | {"GAN_TUNING": "off"}
    return subprocess.run(
        command, cwd=checkout, env=settings, check=True, capture_output=True, text=True
    ).stdout


def train(checkout: Path, recipe: dict, numerics: dict, steps: int, folder: Path) -> dict[str, str]:
    """Train a run that nobody has begun, with these numerics; a digest of each file that it leaves."""
    about = {
        "format_version": 1,
        "data": {"name": "digits"},
        "seed": 3,
        "device": "cpu",
        "created": "2026-01-01",
    }
    about |= {"recipe": recipe, "steps": steps, "state": "stopped", "numerics": numerics}
    (folder / "samples").mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(about))
    options = [
        "--recipe",
        recipe["name"],
        "--data",
        "digits",
        "--run",
        str(folder),
        "--resume",
        "--save-every",
        "1000",
    ]  # one checkpoint: which others are kept, the clock decides
    gan(checkout, "train", *options, "--seed", "3", "--set", f"ema={recipe['ema']}")
    begun = json.loads((folder / "run.json").read_text())
    assert begun["step"] == steps and begun["numerics"].items() >= numerics.items(), begun
    kept = [*folder.glob("checkpoints/*/*.safetensors"), *folder.glob("samples/*.png")]
    kept += [folder / "model.safetensors", folder / "history.f32"]
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in kept
    }


def compare(old: Path, new: Path, steps: int) -> int:
    """Print a line for each recipe and way of computing; how many of them differ."""
    recipes = {recipe["name"]: recipe for recipe in json.loads(gan(old, "recipes", "--json"))}
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, ways in WAYS.items():
            for half_life in HALF_LIVES:
                for way in ways:
                    place = Path(folder) / f"{name}-{half_life}-{ways.index(way)}"
                    recipe = recipes[name] | {"ema": half_life}
                    found = [train(one, recipe, way, steps, place / one.name) for one in (old, new)]
                    files = sorted(found[0].keys() | found[1].keys())
                    unequal = [file for file in files if found[0].get(file) != found[1].get(file)]
                    different += bool(unequal)
                    verdict = f"DIFFERENT: {', '.join(unequal)}" if unequal else f"equal, {len(files)} files"
                    shown = ", ".join(f"{key} {value}" for key, value in way.items())
                    print(f"{name:<12} ema {half_life:<8g} {shown:<46} {verdict}", flush=True)
    return different


def main() -> None:
    """Read the options and compare."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--steps", type=int, default=200)
    options = parser.parse_args()
    old, new = options.old.resolve(), options.new.resolve()
    if old.name == new.name:
        parser.error("the two folders have the same name")
    sys.exit(1 if compare(old, new, options.steps) else 0)


if __name__ == "__main__":
    main()
