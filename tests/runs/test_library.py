"""Whole runs renamed and copied, and the room there is for them."""

from pathlib import Path

import pytest

from gan.errors import Problem
from gan.runs import archive, library, trash
from gan.runs.fork import fork
from gan.runs.run import Run, find, is_name
from tests.runs.trained import end, equal
from tests.runs.zips import packed


def test_a_renamed_run_is_found_by_its_new_name_alone_and_resumes(run, home) -> None:
    renamed = library.rename(run, " mein Lauf (2) ".replace("(", "").replace(")", ""))
    assert renamed.name == "mein Lauf 2" and find("mein Lauf 2", home).info().step == 25
    with pytest.raises(Problem):
        find("mlp-digits-1", home)
    end(renamed)


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", ".hidden", "x" * 101, "a\nb", "a\0b", "<b>"])
def test_a_name_that_can_not_be_is_refused(run, name) -> None:
    with pytest.raises(Problem, match="can't be a run's name"):
        library.rename(run, name)
    assert run.exists()


def test_a_name_that_is_taken_is_refused(run) -> None:
    other = library.duplicate(run)
    with pytest.raises(Problem, match="'mlp-digits-2' already"):
        library.rename(run, other.name)
    assert run.exists() and other.exists()


def test_a_copy_has_a_name_of_its_own_and_comes_to_the_same_end(run) -> None:
    copy, third = library.duplicate(run), library.duplicate(run)
    assert (copy.name, third.name) == ("mlp-digits-2", "mlp-digits-3")
    assert copy.sample_steps() == run.sample_steps() and copy.events() == run.events()
    assert equal(end(copy), end(run))


def test_a_run_in_training_is_neither_renamed_nor_copied_nor_thrown_away(run) -> None:
    with run.owned():
        for act in (
            lambda: library.rename(run, "new"),
            lambda: library.duplicate(run),
            lambda: trash.throw_away(run),
        ):
            with pytest.raises(Problem, match="in training: stop it first"):
                act()
    assert run.exists()


def test_limits_keep_imports_copies_and_forks_out(run, home, monkeypatch) -> None:
    monkeypatch.setenv("GAN_MAX_RUNS", "1")
    for act in (
        lambda: library.duplicate(run),
        lambda: fork(run, 10, {}),
        lambda: archive.unpack(home, packed(run), "x.zip"),
    ):
        with pytest.raises(Problem, match="as many as may be here"):
            act()
    monkeypatch.setenv("GAN_MAX_RUNS", "5")
    monkeypatch.setenv("GAN_MAX_STEPS", "29")
    for act in (
        lambda: fork(run, 10, {}),
        lambda: archive.unpack(home, packed(run), "x.zip"),
    ):
        with pytest.raises(Problem, match="29 steps here"):
            act()
    assert [one.name for one in home.iterdir()] == [run.name]


def test_a_name_that_a_broken_link_bears_is_taken(run: Run, home: Path) -> None:
    for name in ("other", "mlp-digits-2"):
        (home / name).symlink_to(home / "gone")
    with pytest.raises(Problem, match="'other' already"):
        library.rename(run, "other")
    assert library.duplicate(run).name == "mlp-digits-3"


def test_copies_and_forks_of_a_run_that_may_only_be_read_can_be_trained(run: Run) -> None:
    for path in run.path.rglob("*"):
        path.chmod(0o444 if path.is_file() else 0o755)
    for copy in (library.duplicate(run), fork(run, 20, {})):
        assert all(path.stat().st_mode & 0o200 for path in copy.path.rglob("*"))


@pytest.mark.parametrize("name", ["x" * 100, "한" * 80])
def test_copies_of_a_run_with_the_longest_name_have_names_that_are_found(run, home, name) -> None:
    run = library.rename(run, name)
    for copy in (library.duplicate(run), library.duplicate(run), fork(run, 10, {})):
        assert find(copy.name, home).exists() and is_name(copy.name)
