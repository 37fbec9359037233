"""Runs packed and unpacked, and ZIPs that are no runs."""

import io
import os
import random
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from gan.errors import Problem
from gan.runs import archive
from gan.runs.checkpoints import checkpoints
from gan.runs.library import duplicate, known_files
from gan.runs.run import Run
from tests.memory import at_most
from tests.runs.trained import end, equal
from tests.runs.zips import HOSTILE, TOP, packed, put, rebuilt, zipped_by_hand


def test_a_packed_run_is_unpacked_elsewhere_and_comes_to_the_same_end(run, tmp_path) -> None:
    (run.path / "error.log").write_text("nobody's business")
    file = packed(run)
    assert not [name for name in zipfile.ZipFile(file).namelist() if "lock" in name or "error" in name]
    other = archive.unpack(tmp_path / "elsewhere", file, "download.zip")
    assert other.name == run.name and other.info().state == "stopped"
    assert other.events() == run.events() and other.sample_steps() == run.sample_steps()
    assert equal(end(other), end(run))


def test_a_run_unpacked_beside_itself_gets_another_name(run, home) -> None:
    assert archive.unpack(home, packed(run), "x.zip").name == "mlp-digits-2"


def test_a_run_that_trained_when_it_was_packed_can_be_resumed(run, tmp_path) -> None:
    run.write(run.stored_info().model_copy(update={"state": "running", "pid": 1}))
    other = archive.unpack(tmp_path / "elsewhere", packed(run), "x.zip")
    assert other.info().state == "stopped" and other.info().pid == 0


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_zip_that_is_no_run_is_refused_and_leaves_nothing(run, tmp_path, kind) -> None:
    make, told = HOSTILE[kind]
    file, home = make(run), tmp_path / "elsewhere"
    with at_most(100 << 20), pytest.raises(Problem, match=told):
        archive.unpack(home, file, "x.zip")
    assert not home.exists() or not list(home.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) in (["elsewhere", "home"], ["home"])


def test_a_pack_s_size_is_known_before_it_is_made(run) -> None:
    for newest in (False, True):
        packed = io.BytesIO()
        archive.pack(run, packed, newest)
        assert archive.packed_size(run, newest) == len(packed.getvalue())
    with zipfile.ZipFile(packed) as zipped:
        inside = {name.split("/")[2] for name in zipped.namelist() if "/checkpoints/" in name}
    assert inside == {checkpoints(run)[-1].name}


def test_an_import_is_counted_before_it_is_written(run, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GAN_MAX_MEGABYTES", "1")
    large = rebuilt(run, put(TOP + "checkpoints/00000010/adam.safetensors", os.urandom(2_000_000)))
    with pytest.raises(Problem, match="more than the 1 MB there are for you"):
        archive.unpack(tmp_path / "elsewhere", large, "x.zip")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_run_that_changes_while_it_is_packed_is_packed_whole(run, monkeypatch, tmp_path) -> None:
    known, gone = archive.known_files, run.path / "checkpoints" / "00000025" / "gone.safetensors"
    monkeypatch.setattr(archive, "known_files", lambda path: [*known(path), gone] if missing else known(path))
    missing = True
    for act in (lambda: archive.pack(run, io.BytesIO()), lambda: archive.packed_size(run)):
        with pytest.raises(Problem, match="changes faster than it can be packed: pause it"):
            act()
    calls = iter([True, False, False])
    monkeypatch.setattr(
        archive, "known_files", lambda path: [*known(path), gone] if next(calls) else known(path)
    )
    file = io.BytesIO()
    archive.pack(run, file)
    assert archive.packed_size(run) == len(file.getvalue())
    names = zipfile.ZipFile(file).namelist()
    assert names[0].endswith("run.json")  # what it says has happened is in what comes later
    assert max(i for i, name in enumerate(names) if "/checkpoints/" in name) < names.index(
        TOP + "history.f32"
    )
    assert archive.unpack(tmp_path / "elsewhere", file, "x.zip").info().saved == 25


NOT_OURS = [
    *("lock", "error.log", "sitecustomize.py", "notes.txt", "desktop.ini", "Thumbs.db", ".DS_Store"),
    *("samples/00000010 (1).png", "samples/.00000010.png.part", "checkpoints/00000025/optimizer.pkl"),
    *("checkpoints/00000025 (1)/state.json", "checkpoints/.00000030.part/state.json", "__pycache__/x.pyc"),
    *("checkpoints/00000025/state (1).json", "checkpoints/00000025 - Copy/generator.safetensors"),
]


def clutter(run: Run) -> None:
    """Put into its folder what programs and people leave there."""
    for name in NOT_OURS:
        (run.path / name).parent.mkdir(exist_ok=True)
        (run.path / name).write_bytes(b"not ours")


@pytest.mark.parametrize(
    ("top", "file", "name", "separator"),
    [
        ("mlp-digits-1/", "x.zip", "mlp-digits-1", "/"),
        ("mlp-digits-1 (1)/", "x.zip", "mlp-digits-1 (1)", "/"),
        ("home/ada/runs/mine/", "x.zip", "mine", "/"),
        ("./mine/", "x.zip", "mine", "/"),
        ("", "my run (2).zip", "my run (2)", "/"),
        ("", "<b>.zip", "imported", "/"),
        ("mine/", "x.zip", "mine", "\\"),  # as PowerShell's Compress-Archive writes it
    ],
)
def test_a_run_s_folder_that_was_zipped_by_hand_is_imported_without_what_is_not_the_run_s(
    run: Run, tmp_path: Path, top: str, file: str, name: str, separator: str
) -> None:
    ours = {path.relative_to(run.path).as_posix() for path in known_files(run.path)}
    clutter(run)
    more = {f"__MACOSX/{top}._run.json": b"Mac", f"{top}._config.json": b"Mac", "__MACOSX/._x": b"Mac"}
    other = archive.unpack(tmp_path / "else", zipped_by_hand(run.path, top, more, separator), file)
    assert other.name == name
    there = {path.relative_to(other.path).as_posix() for path in other.path.rglob("*") if path.is_file()}
    assert there == ours and len(checkpoints(other)) == 3
    for inside in ours - {"run.json"}:
        assert (other.path / inside).read_bytes() == (run.path / inside).read_bytes()


def test_what_is_not_the_run_s_is_neither_packed_nor_counted_nor_copied(run: Run) -> None:
    plain, size = packed(run).getvalue(), archive.packed_size(run, newest=True)
    shutil.copytree(run.path / "checkpoints/00000025", run.path / "checkpoints/00000025 (1)")
    shutil.copytree(run.path / "checkpoints/00000025", run.path / "checkpoints/00000092 - Copy")
    (run.path / "checkpoints/00000099").symlink_to(run.path / "checkpoints/00000010")
    clutter(run)
    assert zipfile.ZipFile(packed(run)).namelist() == zipfile.ZipFile(io.BytesIO(plain)).namelist()
    assert archive.packed_size(run, newest=True) == size
    copy = duplicate(run)
    names = {path.name for path in copy.path.rglob("*")}
    assert not {Path(name).name for name in NOT_OURS if "/state.json" not in name} & (
        names - {"generator.safetensors"}
    )
    assert [folder.name for folder in checkpoints(copy)] == ["00000010", "00000020", "00000025"]


def test_a_packed_run_holds_the_newest_checkpoint_that_can_be_resumed(run: Run, tmp_path: Path) -> None:
    def pack_newest() -> list[str]:
        file = io.BytesIO()
        archive.pack(run, file, newest=True)
        assert archive.packed_size(run, newest=True) == len(file.getvalue())
        return [folder.name for folder in checkpoints(archive.unpack(tmp_path / "else", file, "x.zip"))]

    (run.path / "checkpoints/00000025/generator.safetensors").write_bytes(b"damaged")
    assert pack_newest() == ["00000020"]
    (run.path / "checkpoints/00000020/state.json").write_text("[]")
    assert pack_newest() == ["00000010"]
    (run.path / "checkpoints/00000010/random.safetensors").unlink()
    with pytest.raises(Problem, match="Each checkpoint of run mlp-digits-1 is damaged"):
        pack_newest()
    shutil.rmtree(run.path / "checkpoints")
    assert pack_newest() == []  # as before the first save


def test_files_from_1970_are_packed_and_copied(run: Run, tmp_path: Path) -> None:
    for path in run.path.rglob("*"):
        os.utime(path, (0, 0))  # a mounted bucket, a machine without a clock
    other = archive.unpack(tmp_path / "else", packed(run), "x.zip")
    assert equal(end(other), end(duplicate(run)))


def test_a_run_whose_history_was_cut_is_imported_and_resumed_with_a_gap(run: Run, tmp_path: Path) -> None:
    os.truncate(run.path / "history.f32", 10 * 16 + 7)
    other = archive.unpack(tmp_path / "else", packed(run), "x.zip")
    assert equal(end(other), end(run))
    for one in (other, run):
        assert [event.describe() for event in one.events()][-1].startswith("the history lacked the 15 steps")
        gap = np.isnan(one.history()).all(axis=1)
        assert gap.tolist() == 10 * [False] + 15 * [True] + 5 * [False]
    assert archive.unpack(tmp_path / "again", packed(run), "x.zip").history().shape == (30, 4)


STRANGE_EVENTS = b"""{"step": 26, "what": "set", "key": "g_rate", "old": 0.001, "new": 1e9}
{"step": 26, "what": "set", "key": "g_rate", "old": 0.001, "new": 0}
{"step": -1, "what": "set", "key": "d_rate", "old": 0.0002, "new": 0.5}
{"step": 27, "what": "fork", "run": "<script>![x](http://evil)"}
{"step": 27, "what": "length", "old": 1, "new": %s}
""" % (b"9" * 4000)


def test_strange_events_of_an_imported_run_are_not_made_and_not_shown(run: Run, tmp_path: Path) -> None:
    events = (run.path / "events.jsonl").read_bytes()
    file = rebuilt(run, put(TOP + "events.jsonl", events + STRANGE_EVENTS))
    other = archive.unpack(tmp_path / "else", file, "x.zip")
    assert equal(end(other), end(run))
    told = [event.describe() for event in other.events()]
    assert len(told) == 2 and told[1].split() == "forked from script x http evil".split()


def test_a_checkpoint_beyond_the_longest_run_is_not_imported(run: Run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("GAN_MAX_STEPS", "30")
    archive.unpack(tmp_path / "else", packed(run), "x.zip")
    state = (run.path / "checkpoints/00000025/state.json").read_bytes()
    file = rebuilt(run, put(TOP + "checkpoints/99999999/state.json", state))
    with pytest.raises(Problem, match="99,999,999 are too many"):
        archive.unpack(tmp_path / "else", file, "x.zip")


def test_a_zip_damaged_anywhere_is_a_sentence_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    rng, home = random.Random(13), tmp_path / "else"
    for checkpoint in checkpoints(run)[:-1]:
        shutil.rmtree(checkpoint)
    whole = zipped_by_hand(run.path, TOP).getvalue()
    refused = 0
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(rng.choice([1, 3, 30])):
            content[rng.randrange(len(content))] = rng.randrange(256)
        try:
            archive.unpack(home, io.BytesIO(bytes(content)), "x.zip")
        except Problem as problem:
            refused += 1
            assert str(problem).isprintable()
        assert not [path for path in home.glob("*") if path.name.startswith(".new")]
    assert refused > 100
