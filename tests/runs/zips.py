"""ZIPs of runs, whole and hostile."""

import io
import json
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gan.runs import archive
from gan.runs.run import Run
from tests.runs.trained import RECIPE

Change = Callable[[dict[str, bytes]], None]


def packed(run: Run) -> io.BytesIO:
    file = io.BytesIO()
    archive.pack(run, file)
    return file


def rebuilt(run: Run, change) -> io.BytesIO:
    """The run's ZIP with its files changed by `change(files)`, {name: content}."""
    files = {
        name: (source := zipfile.ZipFile(packed(run))).read(name)
        for name in zipfile.ZipFile(packed(run)).namelist()
    }
    del source
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out


def zipped_by_hand(
    folder: Path, top: str = "", more: dict[str, bytes] | None = None, separator: str = "/"
) -> io.BytesIO:
    """A folder as a file manager or a person zips it: all that lies in it, below `top`, and `more`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for path in sorted(folder.rglob("*")):
            name = top + path.relative_to(folder).as_posix() + "/" * path.is_dir()
            archive.write(path, name.replace("/", separator))
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return out


def put(name: str, content: bytes = b"x") -> Change:
    return lambda files: files.update({name: content})


def edit_json(name: str, **values) -> Change:
    def change(files) -> None:
        files[name] = json.dumps(json.loads(files[name]) | values).encode()

    return change


def link(run: Run, name: str) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.write(run.path / "run.json", "r/run.json")
        entry = zipfile.ZipInfo(name)
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return out


def twice(run: Run) -> io.BytesIO:
    out = packed(run)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(TOP + "config.json", b"{}")
    return out


def liar(run: Run) -> io.BytesIO:
    """An entry that unpacks to more than its header says."""
    out = rebuilt(run, put("mlp-digits-1/events.jsonl", b"A" * 5000))
    content = out.getvalue().replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    return io.BytesIO(content)


def encrypted(run: Run) -> io.BytesIO:
    content = bytearray(packed(run).getvalue())
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        content[at + 8] |= 1
        at += 4
    return io.BytesIO(bytes(content))


def directory(count, false_end=False) -> bytes:
    """A ZIP that is nothing but its list of that many files."""
    entry = b"PK\1\2" + bytes(42) + b"x"
    entry = entry[:28] + b"\1\0" + entry[30:]  # a name of one letter
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, count * 47, 0, 0)
    if false_end:  # the mark of an end within the end, where a search from behind meets it first
        end = end[:4] + b"PK\5\6" + end[8:]
    return entry * count + end


PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\0\0\x08\0\0\0\x08" + bytes(40)
TOP = "mlp-digits-1/"
HOSTILE = {
    "a path that leads out": (lambda run: rebuilt(run, put("../evil.py")), "evil.py, which leads out"),
    "a path that leads out from inside": (lambda run: rebuilt(run, put(TOP + "../../evil")), "leads out"),
    "an absolute path": (lambda run: rebuilt(run, put("/etc/cron.d/evil")), "leads out"),
    "a Windows path": (lambda run: rebuilt(run, put(TOP + "samples\\..\\..\\evil")), "leads out"),
    "a path that leads out by a checkpoint's name": (
        lambda run: rebuilt(run, put(TOP + "checkpoints/00000010/../../../../evil.safetensors")),
        "evil.safetensors, which leads out",
    ),
    "a folder that leads out": (lambda run: rebuilt(run, put("../evil/")), "evil/, which leads out"),
    "a path of another drive": (lambda run: rebuilt(run, put("C:/evil")), "C:/evil, which leads out"),
    "a link beside the run's files": (lambda run: link(run, "r/notes"), "notes, which leads out"),
    "two runs": (lambda run: rebuilt(run, put("other/run.json")), "holds 2 runs: pack each by itself"),
    "a file twice": (twice, "holds config.json twice"),
    "a link": (lambda run: link(run, "r/config.json"), "config.json, which leads out"),
    "a bomb": (lambda run: rebuilt(run, put(TOP + "history.f32", b"\0" * 40_000_000)), "would unpack to"),
    "a liar": (liar, "no ZIP of a run that can be read|more than it says"),
    "a password": (encrypted, "encrypted"),
    "no run": (lambda run: rebuilt(run, lambda files: files.pop(TOP + "run.json")), "holds no run.json"),
    "an empty file": (lambda run: io.BytesIO(b""), "no ZIP of a run"),
    "a text": (lambda run: io.BytesIO(b"hello"), "no ZIP of a run"),
    "a cut ZIP": (lambda run: io.BytesIO(packed(run).getvalue()[:-3000]), "no ZIP of a run"),
    "a later version": (
        lambda run: rebuilt(run, edit_json(TOP + "run.json", format_version=2)),
        "format version 2, and this program reads 1",
    ),
    "a checkpoint of a later version": (
        lambda run: rebuilt(run, edit_json(TOP + "checkpoints/00000010/state.json", format_version=3)),
        "format version 3, and this program reads 1",
    ),
    "a state that is no JSON": (
        lambda run: rebuilt(run, put(TOP + "checkpoints/00000010/state.json")),
        "00000010 in the ZIP is damaged",
    ),
    "an unknown key": (lambda run: rebuilt(run, edit_json(TOP + "run.json", shell="rm")), "shell"),
    "a recipe with markup": (
        lambda run: rebuilt(
            run, edit_json(TOP + "run.json", recipe=RECIPE.model_dump() | {"title": "![x](y)"})
        ),
        "title",
    ),
    "a torch with markup": (
        lambda run: rebuilt(run, edit_json(TOP + "run.json", torch="![](http://evil/p.png)")),
        "torch",
    ),
    "a device with markup": (
        lambda run: rebuilt(run, edit_json(TOP + "run.json", device="[x](y)")),
        "device",
    ),
    "a negative step": (lambda run: rebuilt(run, edit_json(TOP + "run.json", step=-5)), "step"),
    "a sample of 800 MB": (
        lambda run: rebuilt(
            run, put(TOP + "samples/00000010.png", PNG + b"\0" * 8_000_000 + os.urandom(1 << 17))
        ),
        "more than 4,194,304",
    ),
    "a sample of 13,000 pixels": (
        lambda run: rebuilt(
            run, put(TOP + "samples/00000010.png", PNG.replace(b"\0\0\0\x08", b"\0\0\x32\xc8"))
        ),
        "no PNG of a usual size",
    ),
    "a state of 2 MB": (
        lambda run: rebuilt(run, put(TOP + "checkpoints/00000010/state.json", os.urandom(2 << 20))),
        "more than 1,048,576",
    ),
    "a million empty files": (
        lambda run: io.BytesIO(directory(1_000_000)),
        "lists more files, or larger ones, than a run has",
    ),
    "a million empty files behind a false end": (
        lambda run: io.BytesIO(directory(1_000_000, false_end=True)),
        "lists more files, or larger ones, than a run has",
    ),
    "ZIP64": (lambda run: io.BytesIO(b"PK\6\7" + bytes(16) + directory(0)), "lists more files, or larger"),
    "a sample that is no picture": (
        lambda run: rebuilt(run, put(TOP + "samples/00000010.png", b"<svg/>")),
        "no PNG",
    ),
}
