"""Checkpoints: everything a resume needs, whole or not there."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from gan.errors import Problem
from gan.recipes.table import RECIPES
from gan.runner import checkpoint as module
from gan.runs.checkpoints import MAX_UNPINNED, checkpoints, is_pinned, pin, step_of
from gan.runs.run import Run
from gan.train.trainer import Trainer

RECIPE = RECIPES["mlp"].with_changes({"batch_size": 4, "hidden": (3, 4)})


BELONGS = {"batch_size": 4, "seed": 0}


def save_checkpoint(run, trainer, notes) -> Path:
    return module.save_checkpoint(run, trainer.copy(), BELONGS, notes)


def load_checkpoint(run, trainer) -> dict:
    return module.load_checkpoint(run, trainer, BELONGS)[0]


@pytest.fixture
def run(tmp_path) -> Run:
    return Run.make(tmp_path / "one")


@pytest.fixture
def make(small_images) -> Callable[..., Trainer]:
    return lambda seed=0: Trainer(RECIPE, small_images(), seed)


def same(one, other) -> bool:
    mine, yours = one.state_dict(), other.state_dict()
    return all(torch.equal(mine[group][name], yours[group][name]) for group in mine for name in mine[group])


def test_a_saved_trainer_comes_back_bit_for_bit_with_its_notes(run, make) -> None:
    trainer, other = make(), make(1)
    trainer.advance(3)
    folder = save_checkpoint(run, trainer, {"events": 2})
    assert folder.name == "00000003"
    assert load_checkpoint(run, other) == {"events": 2}
    assert same(trainer, other)
    assert torch.equal(trainer.advance(3), other.advance(3)) and same(trainer, other)


def test_a_checkpoint_holds_safetensors_and_json_alone(run, make) -> None:
    trainer = make()
    trainer.advance(1)
    names = {file.name for file in save_checkpoint(run, trainer, {"events": 0}).iterdir()}
    groups = "generator discriminator optimizer_g optimizer_d random batches counters".split()
    assert names == {"state.json", *(f"{group}.safetensors" for group in groups)}


def test_without_a_checkpoint_there_is_nothing_to_load(run, make) -> None:
    trainer, untouched = make(), make()
    assert load_checkpoint(run, trainer) is None and same(trainer, untouched)


def test_five_are_kept_and_no_unfinished_one(run, make) -> None:
    trainer = make()
    for _ in range(MAX_UNPINNED + 2):
        trainer.advance(1)
        save_checkpoint(run, trainer, {"events": 0})
    assert MAX_UNPINNED == 5
    assert [folder.name for folder in checkpoints(run)] == [f"{step:08d}" for step in range(3, 8)]
    assert len(list((run.path / "checkpoints").iterdir())) == MAX_UNPINNED


def test_a_pinned_one_stays_and_does_not_count(run, make) -> None:
    trainer = make()
    trainer.advance(1)
    pin(save_checkpoint(run, trainer, {"events": 0}))
    for _ in range(MAX_UNPINNED + 1):
        trainer.advance(1)
        save_checkpoint(run, trainer, {"events": 0})
    assert [int(folder.name) for folder in checkpoints(run)] == [1, 3, 4, 5, 6, 7]
    assert is_pinned(checkpoints(run)[0])
    pin(checkpoints(run)[0], False)
    trainer.advance(1)
    save_checkpoint(run, trainer, {"events": 0})
    assert [int(folder.name) for folder in checkpoints(run)] == [4, 5, 6, 7, 8]


def test_a_pinned_one_that_is_saved_again_stays_pinned(run, make) -> None:
    trainer = make()
    trainer.advance(1)
    pin(save_checkpoint(run, trainer, {"events": 0}))
    trainer.move("d")
    assert is_pinned(save_checkpoint(run, trainer, {"events": 0}))


def test_pinned_ones_among_the_newest_do_not_count_among_the_five(run, make) -> None:
    trainer = make()
    for step in range(1, 9):
        trainer.advance(1)
        folder = save_checkpoint(run, trainer, {})
        if step in (2, 5, 6):
            pin(folder)
    assert [step_of(folder) for folder in checkpoints(run)] == [1, 2, 3, 4, 5, 6, 7, 8]
    trainer.advance(1)
    save_checkpoint(run, trainer, {})
    assert [step_of(folder) for folder in checkpoints(run)] == [2, 3, 4, 5, 6, 7, 8, 9]


@pytest.fixture
def pinned_before(monkeypatch) -> Callable[[str], None]:
    """Have somebody pin a checkpoint just before its folder gets a name that ends like that."""
    rename = os.rename

    def arrange(ending: str) -> None:
        def late(source, target) -> None:
            if str(target).endswith(ending):
                pin(Path(source))
            rename(source, target)

        monkeypatch.setattr(os, "rename", late)

    return arrange


def test_a_pin_set_in_the_moment_of_removal_keeps_the_checkpoint(run, make, pinned_before) -> None:
    trainer, first = make(), make()
    first.advance(1)
    pinned_before(".gone")
    for _ in range(MAX_UNPINNED + 1):
        trainer.advance(1)
        save_checkpoint(run, trainer, {"events": trainer.steps})
    folders = checkpoints(run)
    assert [step_of(folder) for folder in folders] == [1, 2, 3, 4, 5, 6] and is_pinned(folders[0])
    assert len(list((run.path / "checkpoints").iterdir())) == 6
    for folder in folders[1:]:
        shutil.rmtree(folder)
    other = make(1)
    assert load_checkpoint(run, other) == {"events": 1} and same(other, first)


def test_a_pin_set_in_the_moment_of_a_second_save_stays(run, make, pinned_before) -> None:
    trainer = make()
    trainer.advance(1)
    save_checkpoint(run, trainer, {})
    trainer.move("d")
    pinned_before(".old")
    assert is_pinned(save_checkpoint(run, trainer, {}))
    assert [folder.name for folder in (run.path / "checkpoints").iterdir()] == ["00000001"]


def test_a_pin_that_comes_too_late_is_told(run, make) -> None:
    trainer = make()
    trainer.advance(1)
    folder = save_checkpoint(run, trainer, {})
    shutil.rmtree(folder)
    with pytest.raises(Problem, match="Checkpoint 1 can't be pinned .*choose a newer one"):
        pin(folder)


def test_a_crash_between_the_two_renames_of_a_replacement_loses_nothing(run, make) -> None:
    trainer, other = make(), make(1)
    trainer.advance(1)
    whole = save_checkpoint(run, trainer, {"events": 0})
    whole.rename(whole.with_name(f".{whole.name}.old"))
    assert load_checkpoint(run, other) == {"events": 0} and same(trainer, other)
    assert [folder.name for folder in (run.path / "checkpoints").iterdir()] == [whole.name]


def test_the_same_step_saved_again_is_the_later_one(run, make) -> None:
    trainer, other = make(), make()
    trainer.advance(1)
    save_checkpoint(run, trainer, {"events": 0})
    trainer.move("d")
    save_checkpoint(run, trainer, {"events": 1})
    assert load_checkpoint(run, other) == {"events": 1} and same(trainer, other)


def test_the_newest_is_taken(run, make) -> None:
    trainer, other = make(), make()
    for _ in range(3):
        trainer.advance(4)
        save_checkpoint(run, trainer, {"events": 0})
    load_checkpoint(run, other)
    assert other.steps == 12 and same(trainer, other)


def test_what_a_crash_left_unfinished_is_not_taken(run, make) -> None:
    trainer, other = make(), make()
    trainer.advance(1)
    folder = save_checkpoint(run, trainer, {"events": 0})
    shutil.copytree(folder, folder.with_name(".00000009.part"))
    load_checkpoint(run, other)
    assert other.steps == 1


FOREIGN = [  # what lies beside checkpoints and is nobody's but the person's who put it there
    *("00000300 (1)", "00000092 - Copy", "Copy of 00000001", "0000001", "000000001", ".00000001 (1).part"),
    *(".00000001.part.bak", ".mine.old", ".mine.gone", ".git", "a note.old"),
]


def test_copies_and_strangers_are_neither_read_nor_counted_nor_removed(run, make) -> None:
    trainer, other = make(), make(1)
    trainer.advance(1)
    first = save_checkpoint(run, trainer, {"events": 0})
    for name in FOREIGN:
        shutil.copytree(first, first.with_name(name))
    first.with_name("00000099").symlink_to(first)
    first.with_name("00000098").write_text("a file")
    before = {path for path in first.parent.rglob("*") if first not in (path, *path.parents)}
    for _ in range(MAX_UNPINNED + 2):
        trainer.advance(1)
        save_checkpoint(run, trainer, {"events": 0})
    load_checkpoint(run, other)
    assert other.steps == 8 and same(trainer, other)
    assert [int(folder.name) for folder in checkpoints(run)] == [4, 5, 6, 7, 8]
    assert all(os.path.lexists(path) for path in before)


def test_what_is_in_a_checkpoint_s_place_and_is_none_stays_under_another_name(run, make) -> None:
    trainer, other = make(), make(1)
    folder = run.path / "checkpoints"
    folder.mkdir()
    (folder / "00000001").write_text("my notes")
    (folder / "00000002").symlink_to(run.path)
    for _ in range(2):
        trainer.advance(1)
        save_checkpoint(run, trainer, {"events": 0})
    load_checkpoint(run, other)
    assert same(trainer, other) and [int(one.name) for one in checkpoints(run)] == [1, 2]
    notes, link = sorted(path for path in folder.iterdir() if path not in checkpoints(run))
    assert notes.read_text() == "my notes" and link.resolve() == run.path


def test_a_save_is_kept_also_where_damaged_ones_of_later_steps_lie(run, make) -> None:
    trainer, other = make(), make(1)
    trainer.advance(1)
    first = save_checkpoint(run, trainer, {"events": 0})
    pin(first)
    for step in range(100, 100 + MAX_UNPINNED):
        shutil.copytree(first, first.with_name(f"{step:08d}"))
        (first.with_name(f"{step:08d}") / "pinned").unlink()
        (first.with_name(f"{step:08d}") / "generator.safetensors").write_bytes(b"damaged")
    trainer.advance(1)
    save_checkpoint(run, trainer, {"events": 0})
    load_checkpoint(run, other)
    assert other.steps == 2 and same(trainer, other)


def test_a_checkpoint_under_another_step_s_name_is_not_taken_for_that_step(run, make) -> None:
    trainer, other = make(), make(1)
    trainer.advance(1)
    first = save_checkpoint(run, trainer, {"events": 0})
    shutil.copytree(first, first.with_name("00000300"))
    _, damaged = module.load_checkpoint(run, other, BELONGS)
    assert damaged == ["00000300"] and other.steps == 1 and same(trainer, other)


def test_steps_of_nine_digits_come_after_those_of_eight(run) -> None:
    for name in ("99999999", "100000000", "00000005"):
        (run.path / "checkpoints" / name).mkdir(parents=True)
    assert [folder.name for folder in checkpoints(run)] == ["00000005", "99999999", "100000000"]


def test_one_that_was_pinned_while_it_was_being_removed_comes_back_after_a_crash(run, make) -> None:
    trainer = make()
    trainer.advance(1)
    whole = save_checkpoint(run, trainer, {"events": 0})
    pin(whole)
    whole.rename(whole.with_name(f".{whole.name}.gone"))
    load_checkpoint(run, make(1))
    assert checkpoints(run) == [whole] and is_pinned(whole)


@pytest.mark.parametrize("place", ["a file", "a link to nothing"])
def test_checkpoints_that_cannot_be_looked_at_are_not_taken_for_none(run, make, place) -> None:
    folder = run.path / "checkpoints"
    folder.write_text("") if place == "a file" else folder.symlink_to(run.path / "not mounted")
    with pytest.raises(Problem, match="checkpoints can't be looked into"):
        load_checkpoint(run, make())


def flip(file) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


DAMAGE = {
    "a flipped bit": lambda folder: flip(folder / "optimizer_g.safetensors"),
    "a cut file": lambda folder: (folder / "generator.safetensors").write_bytes(b"\0" * 9),
    "a missing file": lambda folder: (folder / "random.safetensors").unlink(),
    "no state": lambda folder: (folder / "state.json").unlink(),
    "an empty state": lambda folder: (folder / "state.json").write_text(""),
    "a list for a state": lambda folder: (folder / "state.json").write_text("[]"),
    "a state without sums": lambda folder: (folder / "state.json").write_text('{"format_version": 1}'),
    "sums that are a number": lambda folder: change(folder, checksums=3),
    "no groups": lambda folder: change(folder, checksums={}),
    "no notes": lambda folder: change(folder, notes={}),
    "notes that are a list": lambda folder: change(folder, notes=[1]),
    "a negative number of events": lambda folder: change(folder, notes={"events": -1}),
    "events that are a text": lambda folder: change(folder, notes={"events": "1"}),
    "a state nested deep": lambda folder: (folder / "state.json").write_text("[" * 100_000),
    "a folder for a file": lambda folder: [
        (folder / "random.safetensors").unlink(),
        (folder / "random.safetensors").mkdir(),
    ],
}


def change(folder, **values) -> None:
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps(state | values))


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_newest_falls_back_to_the_one_before(run, make, damage) -> None:
    trainer, reference, other = make(), make(), make(1)
    trainer.advance(2), reference.advance(2)
    save_checkpoint(run, trainer, {"events": 1})
    trainer.advance(1)
    DAMAGE[damage](save_checkpoint(run, trainer, {"events": 2}))
    assert load_checkpoint(run, other) == {"events": 1}
    assert same(other, reference)


@pytest.mark.parametrize("damage", DAMAGE)
def test_where_each_is_damaged_a_sentence_says_so(run, make, damage) -> None:
    trainer = make()
    trainer.advance(1)
    DAMAGE[damage](save_checkpoint(run, trainer, {"events": 0}))
    with pytest.raises(Problem, match="No checkpoint of run one can be used .*00000001"):
        load_checkpoint(run, make())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format_version": 2}, "format version 2, and this program reads 1"),
        ({"belongs": {"batch_size": 8, "seed": 0}}, "batch_size is 8 there and 4 in run.json"),
    ],
)
def test_another_version_or_recipe_is_refused_although_an_older_one_would_do(
    run, make, changes, told
) -> None:
    trainer, untouched = make(), make()
    for _ in range(2):
        trainer.advance(1)
        folder = save_checkpoint(run, trainer, {"events": 0})
    change(folder, **changes)
    other = make()
    with pytest.raises(Problem, match=told):
        load_checkpoint(run, other)
    assert same(other, untouched)


def test_a_checkpoint_of_other_networks_is_refused(run, make, small_images) -> None:
    trainer = make()
    trainer.advance(1)
    save_checkpoint(run, trainer, {"events": 0})
    with pytest.raises(Problem, match="No checkpoint"):
        load_checkpoint(run, Trainer(RECIPE.with_changes({"hidden": (5, 6)}), small_images()))
