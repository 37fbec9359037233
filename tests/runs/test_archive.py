"""Runs packed and unpacked, and ZIPs that are no runs."""

import io
import os
import zipfile

import pytest

from gan.errors import Problem
from gan.runs import archive
from gan.runs.checkpoints import checkpoints
from tests.memory import at_most
from tests.runs.trained import end, equal
from tests.runs.zips import HOSTILE, TOP, packed, put, rebuilt


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
