"""Places that somebody has named: what is there, what is not, and what nobody can tell."""

from pathlib import Path

import pytest

from gan.data.datasets import data_root
from gan.errors import Problem
from gan.places import is_file, is_gone, real
from gan.runs.run import runs_root
from tests.other_user import shut


def nowhere(folder: Path) -> dict[str, Path]:
    """Paths at which nothing can be."""
    (folder / "file").write_text("")
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    return {
        "missing": folder / "missing",
        "too long": folder / ("x" * 300),
        "too long in bytes": folder / ("한" * 90),
        "below a file": folder / "file" / "inside",
        "links in a circle": folder / "one" / "inside",
        "a NUL": folder / "x\0y",
    }


KINDS = ("missing", "too long", "too long in bytes", "below a file", "links in a circle", "a NUL")


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_can_be_there_is_no_file(tmp_path: Path, kind: str) -> None:
    assert not is_file(nowhere(tmp_path)[kind])


def test_what_another_user_has_locked_away_is_not_called_missing(open_folder: Path) -> None:
    (open_folder / "theirs").mkdir()
    file = open_folder / "theirs" / "run.json"
    file.write_text("{}")
    assert is_file(file) and not is_gone(file)
    with shut(file.parent):
        with pytest.raises(Problem, match=r"theirs/run\.json can't be read \(Permission denied\): mend its"):
            is_file(file)
        assert not is_gone(file)
    assert is_gone(open_folder / "other")


@pytest.mark.parametrize(("variable", "folder"), [("GAN_RUNS", runs_root), ("GAN_DATA", data_root)])
def test_a_home_that_nobody_has_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, folder: object
) -> None:
    monkeypatch.setenv(variable, "~nosuchuser/x")
    with pytest.raises(Problem, match=f"{variable} is '~nosuchuser/x', and there is no such home"):
        folder()


def test_links_in_a_circle_are_named(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("a")
    with pytest.raises(Problem, match=r"/a can't be used \(Too many levels of symbolic links\)"):
        real(tmp_path / "a")
    assert real(tmp_path / "missing") == tmp_path.resolve() / "missing"
