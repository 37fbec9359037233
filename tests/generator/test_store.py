"""What both kinds of kept generators have in common: formats on the disk, directions, the newest few."""

import json
import shutil
from pathlib import Path

import pytest

from gan.generator.folder import GeneratorFiles
from gan.generator.recent import SHORT_KEY, keep_recent, recent_in
from gan.generator.store import DIRECTIONS, LIMIT
from gan.hub.downloads import downloads_in, forget, keep_download

FILES = {"config.json": b"{}", "model.safetensors": b"x"}


def test_generators_that_were_kept_before_are_read(tmp_path: Path) -> None:
    origins = {
        ".recent/0123456789abcdef": {"source": "file:a b", "step": 7, "when": "2026-01-02T03:04:05.000006"},
        ".pulled/ada--m@0123456789ab": {
            "repo_id": "ada/m",
            "sha": "0123456789ab" * 3,
            "private": True,
            "when": "2026-01-02T03:04:05.000006+00:00",
        },
    }
    for name, origin in origins.items():
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "origin.json").write_text(json.dumps(origin))
    (recent,), (download,) = recent_in(tmp_path), downloads_in(tmp_path)
    assert (recent.source, recent.step, recent.key) == ("file:a b", 7, "0123456789abcdef")
    assert (download.source, download.private) == ("hf:ada/m@" + "0123456789ab" * 3, True)


def test_what_is_kept_now_is_written_as_it_was_before(tmp_path: Path) -> None:
    generator = GeneratorFiles.of(b"{}", b"x")
    folder = keep_recent(tmp_path, generator, "run", 3)
    assert folder == tmp_path / ".recent" / generator.key[:SHORT_KEY]
    assert list(json.loads((folder / "origin.json").read_bytes())) == ["source", "step", "when"]
    download = keep_download(tmp_path, "ada/m", "b" * 40, False, FILES)
    assert download.folder == tmp_path / ".pulled" / ("ada--m@" + "b" * 12)
    keys = list(json.loads((download.folder / "origin.json").read_bytes()))
    assert keys == ["repo_id", "sha", "private", "when"]


def test_a_generator_with_saved_directions_stays_and_keeps_them(tmp_path: Path) -> None:
    download = keep_download(tmp_path, "ada/first", "a" * 40, False, FILES)
    (download.folder / DIRECTIONS).write_text("[]")
    for number in range(LIMIT + 1):
        keep_download(tmp_path, f"ada/m{number}", "a" * 40, False, FILES)
    kept = [one.repo_id for one in downloads_in(tmp_path)]
    assert len(kept) == LIMIT + 1 and "ada/first" in kept and "ada/m0" not in kept
    keep_download(tmp_path, "ada/first", "a" * 40, False, FILES)  # pulled again
    assert (download.folder / DIRECTIONS).read_text() == "[]"


@pytest.mark.parametrize("note", ["[]", "{", '{"source": 1}', '{"source": "a", "when": "now"}'])
def test_a_folder_whose_note_can_not_be_read_is_left_out(tmp_path: Path, note: str) -> None:
    folder = keep_recent(tmp_path, GeneratorFiles.of(b"{}", b"x"), "run", 3)
    (folder / "origin.json").write_text(note)
    assert recent_in(tmp_path) == []


def test_a_person_s_copies_of_kept_generators_are_neither_listed_nor_removed(tmp_path: Path) -> None:
    copies = []
    for number in range(LIMIT + 2):
        folder = keep_recent(tmp_path, GeneratorFiles.of(b"%d" % number, b"x"), "run", number)
        keep_download(tmp_path, f"ada/m{number}", f"{number:x}" * 40, False, FILES)
        pulled = next((tmp_path / ".pulled").glob(f"ada--m{number}@*"))
        for one in (folder, pulled):
            if number < 3:
                copies.append(shutil.copytree(one, one.with_name(f"{one.name} (1)")))
    assert len(recent_in(tmp_path)) == len(downloads_in(tmp_path)) == LIMIT
    assert all((copy / "config.json").exists() for copy in copies)
    assert not {entry.folder for entry in [*recent_in(tmp_path), *downloads_in(tmp_path)]} & set(copies)


def test_only_a_generator_of_this_very_store_is_removed(tmp_path: Path) -> None:
    """Whose note was written by somebody else may name any folder: it is not followed."""
    mine, theirs = (keep_download(tmp_path / who, "ada/m", "a" * 40, False, FILES) for who in ("me", "them"))
    forget(tmp_path / "me", theirs)
    assert theirs.folder.exists()
    forget(tmp_path / "me", mine)
    assert not mine.folder.exists() and theirs.folder.exists()
