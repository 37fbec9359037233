"""Everything measured, side by side: `python -m bench [--rounds N] [--seconds S] [--minutes M] [--out FILE]`.

Loops run one after another in processes of their own, round by round, so that whatever else the machine does
meets them alike; medians, and ratios within a round. Nothing else should run meanwhile.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import torch

from bench import page
from bench.chromium import chromium
from bench.loops import LOOPS
from bench.memory import growth
from bench.split import split
from gan.recipes.table import RECIPES

PAIRS = (  # ours, against
    ("mlp", "mlp, the post"),
    ("mlp", "mlp, products alone"),
    ("mlp", "mlp, plain numerics"),
    ("mlp-g-first", "mlp-g-first, the note"),
    ("dcgan", "dcgan, plain torch"),
    ("dcgan", "dcgan, plain numerics"),
    ("dcgan", "dcgan, convolutions alone"),
    ("dcgan", "dcgan, Keras chapter repaired"),
    ("dcgan", "dcgan, Keras chapter as posted"),
)


def rate(loop: str, seconds: float) -> float:
    """Steps a second of a loop in a process of its own."""
    command = [sys.executable, "-m", "bench.loops", loop, str(seconds)]
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    return json.loads(output.splitlines()[-1])


def machine() -> dict:
    """What was measured on."""
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    facts = {"processor": processor, "cores": os.cpu_count(), "system": platform.platform()}
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    return facts | {"python": platform.python_version(), "torch": torch.__version__, "gpu": gpu}


def loops(rounds: int, seconds: float) -> dict[str, list[float]]:
    """Every loop's rates, by round."""
    keras = find_spec("keras") is not None
    names = [name for name in LOOPS if keras or "Keras" not in name]
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names:
            found[name].append(rate(name, seconds))
            print(f"round {number + 1}: {name}: {found[name][-1]:.1f}/s", file=sys.stderr)
    return found


def table(found: dict) -> str:
    """The figures as text."""
    told = found["machine"]
    lines = [f"{told['processor']}, {told['cores']} cores, torch {told['torch']}", ""]
    rates = found["loops"]
    lines += [f"{name:<34}{median(each):>10.1f}/s" for name, each in rates.items()] + [""]
    for ours, theirs in PAIRS:
        if theirs in rates:
            ratios = [a / b for a, b in zip(rates[ours], rates[theirs], strict=True)]
            spread = f"{min(ratios):.2f}–{max(ratios):.2f}"
            lines.append(f"{ours + ' against ' + theirs:<50}{median(ratios):>6.2f}  ({spread})")
    lines += ["", "A DCGAN's step by operation:"]
    lines += [f"  {name:<28}{100 * share:>5.1f} %" for name, share in found["split"].items()]
    if "memory" in found:
        lines += ["", "{steps:,} MLP steps: resident memory grew by {grown:.1f} MB".format(**found["memory"])]
    if "page" in found:
        lines += ["", page.table(found["page"])]
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, write the JSON."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=4.0, help="of each loop in each round")
    options.add_argument("--minutes", type=float, default=5.0, help="of clicking")
    options.add_argument("--steps", type=int, default=100_000, help="of the measurement of memory")
    options.add_argument("--no-page", action="store_true", help="loops alone, without a browser")
    options.add_argument("--out", type=Path, default=Path("bench/figures.json"))
    asked = options.parse_args()
    found = {"machine": machine(), "recipes": list(RECIPES), "loops": loops(asked.rounds, asked.seconds)}
    found["split"] = split()
    found["memory"] = growth(asked.steps)
    if not asked.no_page:
        with chromium() as browser:
            found["page"] = page.measure(browser, asked.rounds, 2 * asked.seconds, asked.minutes)
    asked.out.write_text(json.dumps(found, indent=1) + "\n")
    print(table(found))


if __name__ == "__main__":
    main()
