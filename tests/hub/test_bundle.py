"""The files of a push as a ZIP."""

import io
import os
import shutil
import time
import zipfile

from gan.hub.bundle import zip_bundle
from gan.pictures.png import is_png
from gan.runs.archive import unpack
from gan.runs.checkpoints import checkpoints
from tests.hub.pushing import parcel_for


def test_offline_the_same_files_make_a_zip(run) -> None:
    parcel = parcel_for(run, whole=True)
    with zipfile.ZipFile(io.BytesIO(zip_bundle(parcel))) as archive:
        assert {entry.filename: entry.file_size for entry in archive.infolist()} == parcel.sizes()


def test_a_whole_run_of_1970_whose_history_has_a_gap_goes_into_the_zip(run, tmp_path, monkeypatch) -> None:
    os.truncate(run.path / "history.f32", 10 * 16)
    assert run.end_at(20) == 10
    shutil.copytree(run.path / "checkpoints/00000020", run.path / "checkpoints/00000020 (1)")
    for path in run.path.rglob("*"):
        os.utime(path, (0, 0))
    real = time.localtime
    monkeypatch.setattr(time, "localtime", lambda seconds=0: real(seconds))  # nor has this machine a clock
    with zipfile.ZipFile(io.BytesIO(zip_bundle(parcel_for(run, whole=True)))) as archive:
        other = unpack(tmp_path / "else", io.BytesIO(archive.read("run.zip")), "run.zip")
        assert is_png(archive.read("curves.png")) and b"nan" not in archive.read("README.md")
    assert [folder.name for folder in checkpoints(other)] == ["00000020"]
