"""ZIPs on a machine without a clock."""

import io
import time
import zipfile

import pytest

from gan.generator.folder import GeneratorFiles
from gan.pictures.video import frames_zip
from gan.zips import add


def test_a_machine_without_a_clock_writes_zips_that_unpack(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    from ui.generate.upload import weights_zip

    real = time.localtime
    monkeypatch.setattr(time, "localtime", lambda *_: real(0))  # 1970
    frames, weights = frames_zip([Image.new("L", (8, 8))]), weights_zip(GeneratorFiles.of(b"{}", b"x"))
    for content, name in ((frames, "0001.png"), (weights, "config.json")):
        entry = zipfile.ZipFile(io.BytesIO(content)).getinfo(name)
        assert entry.date_time[0] == 1980 and entry.external_attr >> 16 == 0o644


def test_the_same_files_make_the_same_bytes() -> None:
    def packed() -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            add(archive, "a.txt", b"a")
        return buffer.getvalue()

    assert packed() == packed()
