"""Names on the disk: exactly ours, or not ours."""

import os
from pathlib import Path

import pytest

from gan.errors import Problem
from gan.folders import is_folder, named
from gan.runs.run import STEP

COPIES = [
    "00000200 (1)",
    "00000200 - Copy",
    "Copy of 00000200",
    "00000200~",
    "0000200",
    "000000200",
    "٠٠٠٠٠٢٠٠",
]


def test_a_step_s_name_is_eight_digits_or_nine_and_never_a_copy_s(tmp_path: Path) -> None:
    for name in ["00000200", "99999999", "100000000", *COPIES]:
        (tmp_path / name).mkdir()
    assert [folder.name for folder in named(tmp_path, STEP, is_folder)] == [
        "00000200",
        "100000000",
        "99999999",
    ]


def test_links_and_what_is_of_the_other_kind_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "00000001").write_text("a file")
    (tmp_path / "00000002").mkdir()
    (tmp_path / "00000003").symlink_to(tmp_path / "00000001")
    (tmp_path / "00000004").symlink_to(tmp_path / "00000002")
    assert [file.name for file in named(tmp_path, STEP)] == ["00000001"]
    assert [folder.name for folder in named(tmp_path, STEP, is_folder)] == ["00000002"]


def test_a_folder_that_is_not_there_holds_nothing_and_one_that_cannot_be_read_is_named(
    tmp_path: Path,
) -> None:
    assert named(tmp_path / "nowhere", STEP) == []
    (tmp_path / "file").write_text("no folder")
    os.symlink(tmp_path / "disk that is not mounted", tmp_path / "link")
    for name in ("file", "link"):  # "no checkpoint" would be a guess, and a resume would begin anew
        with pytest.raises(Problem, match=f"{name} can't be looked into"):
            named(tmp_path / name, STEP)
