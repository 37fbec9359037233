"""Finds out how this machine computes a recipe fastest: seconds of measuring, once a machine and recipe.

What is measured trains nets of its own and throws them away; the run's random state is not touched. The
choice is kept in a small file of the user's cache, and in the run, which is resumed with it for ever.
"""

import gc
import json
import os
import platform
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from time import perf_counter, sleep

import torch
from pydantic import ValidationError

from gan.compute.settings import prepare, use_products
from gan.compute.threads import cores, threads_beside_a_browser
from gan.data.images import Images
from gan.durable import write_whole
from gan.errors import Problem
from gan.i18n import t
from gan.recipes.architectures import ARCHITECTURES
from gan.recipes.numerics import Numerics
from gan.recipes.recipe import Recipe
from gan.train.cuda_graph import can_be_recorded
from gan.train.manual_step import has_manual_step
from gan.train.trainer import Trainer

SECONDS = 0.5  # of measuring a candidate, after its warm-up
PATIENCE = 8.0  # seconds, after which nothing more is tried
LEAST, MOST = 4, 2.0  # steps a candidate is measured by, and the seconds that they may take
WARM_UP = 3  # steps
CLEARLY = {"threads": 1.05, "precision": 1.15, "products": 1.03, "mode": 1.05}  # how much faster to be taken
LAST_CORE = 1.2  # that beside a browser, for the core it would have for itself
EXACT = 1e-5  # relative error of a float32 product; bfloat16 inside would give 1e-3
VERSION = "v3"  # of what is tried: another one is measured anew
CALM_FOR, CALM_AT_MOST, QUIET = 0.4, 8.0, 0.5  # seconds; seconds; processors at work
OFF = "off"  # GAN_TUNING: the plain numerics, the same on every machine


def tuned(
    recipe: Recipe, images: Images, device: torch.device, beside_browser: bool, anew: bool = False
) -> Numerics:
    """The fastest numerics known for this machine, recipe and size of image; measured if `anew` or unknown.

    `beside_browser` leaves a core to a page and its server, unless it is worth much. torch's settings are
    other ones afterwards: `prepare` sets them.
    """
    if os.environ.get("GAN_TUNING") == OFF:
        return Numerics(why=t("plain, as GAN_TUNING=off asks for"))
    file, key = cache_file(), _key(recipe, images, device, beside_browser)
    known = _read(file) if file else {}
    if not anew:
        with suppress(ValidationError, KeyError):
            return Numerics.model_validate(known[key])
    try:
        found = measure(recipe, images, device, beside_browser)
    except RuntimeError as error:  # not enough memory, say: the run itself will tell it in its own way
        return Numerics(why=t("plain: it could not be measured ({why})", why=_first_line(error)))
    if file is None:
        return found
    with suppress(OSError, Problem):  # a cache that can't be written costs the next run its seconds again
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps(known | {key: found.model_dump()}, indent=1).encode())
    return found


def cache_file() -> Path | None:
    """Where choices are kept: tuning.json in the user's cache. None for a user without a home."""
    try:
        root = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    except RuntimeError:
        return None
    return root / "gan-workbench" / "tuning.json"


def _read(file: Path) -> dict:
    try:
        known = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _key(recipe: Recipe, images: Images, device: torch.device, beside_browser: bool) -> str:
    """What a choice depends on: the machine as torch sees it, and the work of a step."""
    machine = [VERSION, platform.node(), platform.machine(), cores(), torch.__version__, device.type]
    machine += [torch.cuda.get_device_name(device)] if device.type == "cuda" else []
    work = recipe.work() | {"shape": images.shape}
    beside = "beside a browser" if beside_browser else "alone"
    digest = sha256(json.dumps(work, sort_keys=True).encode()).hexdigest()[:12]
    return " ".join(map(str, [*machine, beside, recipe.nets, digest]))


def measure(recipe: Recipe, images: Images, device: torch.device, beside_browser: bool) -> Numerics:
    """Try one change after another, keep each that is clearly faster, and say so."""
    if beside_browser:
        wait_for_calm()
    most = threads_beside_a_browser() if beside_browser else cores()
    best = Numerics(threads=most)
    pace = steps_per_second(recipe, images, device, best)
    tried = [(best, pace)]
    failed = ""
    begin = perf_counter()
    for change, value in _candidates(recipe, device, most):
        if perf_counter() - begin > PATIENCE:
            break
        enough = LAST_CORE if change == "threads" and value > most else CLEARLY[change]
        candidate = best.model_copy(update={change: value})
        try:
            found = steps_per_second(recipe, images, device, candidate)
        except RuntimeError as error:  # this device can't: the plain way stays, and the reason is told
            failed = t("{value} does not work here ({why})", value=value, why=_first_line(error))
            continue
        tried.append((candidate, found))
        if found > pace * enough:
            best, pace = candidate, found
    rates = "; ".join(f"{one.told(device.type)}: {rate:.3g}/s" for one, rate in tried)
    why = t("measured: {rates}", rates=rates) + (f". {failed}" if failed else "")
    return best.model_copy(update={"why": why[:400]})


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0][:120]


def _candidates(recipe: Recipe, device: torch.device, most: int) -> list[tuple[str, object]]:
    """Changes worth trying, in turn."""
    convolutions = ARCHITECTURES[recipe.nets].convolutional
    if device.type == "cuda":
        graph = [("mode", "graph")] if can_be_recorded(recipe) else []
        return graph + ([("precision", "bfloat16")] if convolutions else [])
    if device.type != "cpu":
        return []
    changes: list[tuple[str, object]] = []
    if convolutions:
        changes.append(("precision", "bfloat16"))
    changes += [("mode", "by hand")] if has_manual_step(recipe) else []
    changes += [("products", "onednn")] if not convolutions and onednn_is_exact() else []
    return changes + [
        ("threads", count) for count in sorted({1, most // 2, cores()} - {0, most}, reverse=True)
    ]


def steps_per_second(recipe: Recipe, images: Images, device: torch.device, numerics: Numerics) -> float:
    """How fast a fresh trainer steps with these numerics in its least disturbed moments: the fastest tenth.

    When a run starts, the page and other processes start something too; the run itself has longer.
    """
    prepare(numerics)
    gc.collect()  # a recorded step and its trainer know each other: the one before may still hold its memory
    trainer = Trainer(recipe, images, 0, device, numerics)
    at_once = 1 if device.type == "cpu" else 32
    begin, times = perf_counter(), []
    for _ in range(WARM_UP):
        if perf_counter() - begin < SECONDS:
            _play(trainer, at_once)
    while not times or (sum(times) < SECONDS or len(times) < LEAST) and sum(times) < MOST:
        start = perf_counter()
        _play(trainer, at_once)
        times.append(perf_counter() - start)
    return at_once / sorted(times)[len(times) // 10]


def _play(trainer: Trainer, steps: int) -> None:
    for _ in range(steps):
        numbers = trainer.step()
    numbers.cpu()  # waits for a GPU


def wait_for_calm() -> None:
    """Until other processes leave the processors alone, CALM_AT_MOST seconds at most; only Linux tells.

    A page that starts a run also starts a viewer, which imports torch meanwhile.
    """
    until = perf_counter() + CALM_AT_MOST
    while sys.platform == "linux" and perf_counter() < until:
        before = _busy()
        sleep(CALM_FOR)
        if _busy() - before < QUIET * CALM_FOR:
            return


def _busy() -> float:
    """Seconds that all processors together have worked since the machine started."""
    fields = list(map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:]))
    return (sum(fields[:3]) + sum(fields[5:8])) / os.sysconf("SC_CLK_TCK")


def onednn_is_exact() -> bool:
    """Does oneDNN multiply float32 matrices as such here? On processors with matrix units (AMX) the switch
    that chooses it also rounds what it reads to bfloat16.
    """
    if not torch.backends.mkldnn.is_available():
        return False
    rng = torch.Generator().manual_seed(0)
    a, b = torch.randn(64, 256, generator=rng), torch.randn(256, 512, generator=rng)
    right = a.double() @ b.double()
    before = torch.backends.mkldnn.matmul.fp32_precision
    use_products("onednn")
    found = a @ b
    torch.backends.mkldnn.matmul.fp32_precision = before
    return float((found - right).abs().max() / right.abs().max()) < EXACT
