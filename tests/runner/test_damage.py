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
from streamlit.testing.v1 import AppTest

from bench.browser import HOUSE
from gan.errors import Problem
from gan.generator.config import read_config
from gan.generator.folder import read_source
from gan.hub.bundle import make_bundle, zip_bundle
from gan.hub.card import write_card
from gan.nets.sampling import latents_for, sample
from gan.nets.weights import load_generator
from gan.pictures.png import grid_png
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runs import archive, library, trash
from gan.runs.checkpoints import checkpoints, is_pinned
from gan.runs.history import MAX_LOSS, summary_of
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
    assert all(abs(value) <= MAX_LOSS for column in range(4) for value in summary.points(column)[1])
    assert all(event.describe() for event in run.events())
    rates_in_force(info.recipe, run.events())
    for checkpoint in checkpoints(run):
        is_pinned(checkpoint)


def generate(run: Run) -> bytes:
    """The pictures of its generator, as PNG."""
    net, about = load_generator(*read_source(run.path))
    return grid_png(sample(net, latents_for(1, range(25), about.latent_size)).numpy(), columns=5)


def describe(run: Run) -> None:
    """The card that it would be shared with."""
    config, weights = read_source(run.path)
    about = {"info": run.stored_info(), "summary": summary_of(run), "events": run.events()}
    assert write_card(read_config(config), "ada/digits", "mit", None, **about, whole=True)


def push(run: Run) -> None:
    """What would go to the Hub, the whole run included."""
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


PUSHED = 10  # one run in so many, as drawing its curves takes a second
WAYS: tuple[Callable[[Run], object], ...] = (
    *(look, generate, describe, pack_and_import, duplicate, delete_and_undo, resume),
)


def use(run: Run, ways: tuple[Callable[[Run], object], ...]) -> None:
    """One way after the other; a sentence is an answer, any other error is none."""
    for way in ways:
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
    done = {}
    for seed in range(first, first + AT_ONCE):
        folder = home / f"run-{seed}-damaged"
        shutil.copytree(sound, folder)
        done[folder] = f"{damage(folder, Random(seed))}, seed {seed}"
    assert len(runs_in(home)) >= AT_ONCE / 2
    show_pages(runs_in(home)[0].name)
    for seed, folder in enumerate(done, first):
        before = contents(folder)
        use(Run(folder), WAYS if seed % PUSHED else (push, *WAYS))
        after = contents(folder)
        for path, content in before.items():
            if _stays(path, folder, before, whole):
                assert after.get(path) == content, f"{path} after {done[folder]}"
    assert (elsewhere / "theirs.txt").read_text() == "not ours"


def show_pages(name: str) -> None:
    """The Runs page with all of them, and one on the Train page."""
    app = AppTest.from_file(str(HOUSE / "app.py"), default_timeout=60).run()
    app.switch_page("pages/runs.py").run()
    assert not app.exception and len(app.get("menu_button")) + len(app.button) > AT_ONCE / 2
    app.query_params["run"] = name
    app.switch_page("pages/train.py").run()
    assert not app.exception


def _stays(path: Path, folder: Path, before: dict[Path, str], whole: dict[Path, str]) -> bool:
    """Is it a file of a checkpoint that no damage has touched, or one that is not the run's?"""
    inside = path.relative_to(folder)
    if not _is_ours(inside):
        return True
    checkpoint = [one for one in whole if one.parts[:2] == inside.parts[:2]]
    is_sound = inside in checkpoint and all(before.get(folder / one) == whole[one] for one in checkpoint)
    return is_sound and inside.parts[0] == "checkpoints"


def _is_ours(inside: Path) -> bool:
    """Is that a name which a run gives?"""
    return bool(re.fullmatch(MEMBER, inside.as_posix())) or inside.name in ("lock", "error.log")
