"""Damaged run folders, made by chance from fixed seeds: whatever lies in one, every way to use it ends well
or with a sentence, its newest sound checkpoint stays, and what is not the run's is not touched.
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from gan.errors import Problem
from gan.generator.folder import read_source
from gan.hub.bundle import make_bundle, zip_bundle
from gan.nets.sampling import latents_for, sample
from gan.nets.weights import load_generator
from gan.pictures.png import grid_png
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runs import archive, library, trash
from gan.runs.checkpoints import checkpoints, is_pinned
from gan.runs.history import summary_of
from gan.runs.library import MEMBER
from gan.runs.order import Order
from gan.runs.run import Run, find, rates_in_force, runs_in
from tests.conftest import SmallImages, replace_digits
from tests.runner.damage import damage
from tests.runner.short import go_to

RUNS = 320
AT_ONCE = 20  # runs in one folder, which the Runs page lists together
RECIPE = RECIPES["mlp"].with_changes(
    {"sample_every": 10, "hidden": (4, 8), "batch_size": 4, "latent_size": 8}
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, small_images: SmallImages) -> Iterator[Path]:
    """A run that was stopped at 20 of 30 steps, with checkpoints of 10 and 20 and an edit; and the digits
    replaced by a few small images.
    """
    with pytest.MonkeyPatch.context() as patch:
        images = replace_digits(small_images, patch)
        run = Run.make(tmp_path_factory.mktemp("sound") / "run")
        training = start.begin(run, Order(RECIPE, "digits", seed=3, steps=30), images)
        go_to(training, 10).save()
        go_to(training, 20).stop()
        yield run.path


def contents(folder: Path) -> dict[Path, str]:
    """Every file and link below a folder, with what tells whether it has changed."""
    paths = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    return {path: _content(path) for path in paths}


def _content(path: Path) -> str:
    return str(path.readlink()) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()


def look(run: Run) -> None:
    """What the pages read of it."""
    info = run.info()
    for step in run.sample_steps():
        run.sample(step)
    summary = summary_of(run)
    assert all(abs(value) < 1e6 for column in range(4) for value in summary.points(column)[1])
    assert all(event.describe() for event in run.events())
    rates_in_force(info.recipe, run.events())
    for checkpoint in checkpoints(run):
        is_pinned(checkpoint)


def generate(run: Run) -> bytes:
    """The pictures of its generator, as PNG."""
    net, about = load_generator(*read_source(run.path))
    return grid_png(sample(net, latents_for(1, range(25), about.latent_size)).numpy(), columns=5)


def push(run: Run) -> None:
    """What would go to the Hub, the whole run included, and back."""
    zip_bundle(make_bundle(*read_source(run.path), generate(run), "ada/digits", run=run, whole=True))


def pack_and_import(run: Run) -> None:
    """Download, then Import: the copy has no checkpoint that the run has not."""
    packed = run.path.parent.parent / "packed.zip"
    with open(packed, "wb") as file:
        archive.pack(run, file)
    with open(packed, "rb") as file:
        copy = archive.unpack(run.path.parent.parent / "imported", file, "packed.zip")
    assert {folder.name for folder in checkpoints(copy)} <= {folder.name for folder in checkpoints(run)}


def duplicate(run: Run) -> None:
    library.duplicate(run)


def delete_and_undo(run: Run) -> None:
    trash.throw_away(find(run.name, run.path.parent))
    trash.take_out(run.path.parent, run.name)


def resume(run: Run) -> None:
    """Train on for a few steps, save, and stop."""
    with run.owned():
        training = start.resume(run)
        go_to(training, training.trainer.steps + 3)
        training.stop()
        assert "nobody foresaw" not in str(training.problem)


WAYS: tuple[Callable[[Run], object], ...] = (
    *(look, generate, push, pack_and_import, duplicate, delete_and_undo, resume),
)


def use(run: Run) -> None:
    """Every way to use it, one after the other; a sentence is an answer, any other error is none."""
    for way in WAYS:
        try:
            way(run)
        except Problem as problem:
            assert str(problem)


@pytest.mark.parametrize("first", range(0, RUNS, AT_ONCE))
def test_a_damaged_run_gives_a_sentence_and_keeps_its_sound_checkpoint_and_what_is_not_its_own(
    sound: Path, tmp_path: Path, first: int
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "theirs.txt").write_text("not ours")
    whole = {path.relative_to(sound): content for path, content in contents(sound).items()}
    home = tmp_path / "runs"
    for seed in range(first, first + AT_ONCE):
        folder = home / f"run-{seed}-damaged"
        shutil.copytree(sound, folder)
        done = damage(folder, Random(seed))
        before = contents(folder)
        use(Run(folder))
        after = contents(folder)
        for path, content in before.items():
            inside = path.relative_to(folder)
            is_sound = (
                inside.parts[0] == "checkpoints"
                and inside in whole
                and _is_sound(folder, inside, before, whole)
            )
            if is_sound or not _is_ours(inside):
                assert after.get(path) == content, f"{path} after {done}, seed {seed}"
    assert (elsewhere / "theirs.txt").read_text() == "not ours"
    assert len(runs_in(home)) >= AT_ONCE / 2


def _is_sound(folder: Path, inside: Path, before: dict[Path, str], whole: dict[Path, str]) -> bool:
    """Does this file lie in a checkpoint that no damage has touched?"""
    checkpoint = inside.parts[:2]
    return all(
        before.get(folder / path) == content
        for path, content in whole.items()
        if path.parts[:2] == checkpoint
    )


def _is_ours(inside: Path) -> bool:
    """Is that a name which a run gives?"""
    return bool(re.fullmatch(MEMBER, inside.as_posix())) or inside.name in ("lock", "error.log")
