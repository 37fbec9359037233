"""Whole runs renamed, copied, forked, thrown away, packed and unpacked; and ZIPs that are no runs."""

import io
import json
import os
import resource
import stat
import struct
import sys
import zipfile

import pytest
import torch

from gan.errors import Problem
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runs import archive, library, trash
from gan.runs.checkpoints import checkpoints, pin
from gan.runs.events import SetRate
from gan.runs.fork import fork
from gan.runs.order import Order
from gan.runs.run import Run, find, runs_in

RECIPE = RECIPES["mlp"].with_changes(
    {"hidden": (8, 12), "latent_size": 5, "batch_size": 7, "sample_every": 10}
)


pytestmark = pytest.mark.usefixtures("small_digits")


@pytest.fixture
def home(tmp_path):
    return (tmp_path / "home").resolve()


@pytest.fixture
def run(home) -> Run:
    """A run of 30 steps with an edit at step 12, checkpoints at 10 and 20, stopped at 25."""
    order = Order(RECIPE, "digits", seed=4, steps=30, device="cpu")
    training = start.begin(Run.make(home / "mlp-digits-1"), order)
    for until in (10, 12, 20, 25):
        while training.trainer.steps < until:
            training.tick(until - training.trainer.steps)
        if until == 12:
            SetRate(key="g_rate", new=1e-3).carry_out(training)
        else:
            training.save()
    training.stop()
    return training.run


def end(run: Run, steps: int | None = None) -> dict[str, torch.Tensor]:
    """The generator at the run's end."""
    training = start.resume(run, steps)
    while training.state == "running":
        training.tick()
    assert training.state == "finished", training.info.problem
    return training.trainer.state_dict()["generator"]


def equal(one, other) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


# --- names and copies --------------------------------------------------------------------------------


def test_a_renamed_run_is_found_by_its_new_name_alone_and_resumes(run, home):
    renamed = library.rename(run, " mein Lauf (2) ".replace("(", "").replace(")", ""))
    assert renamed.name == "mein Lauf 2" and find("mein Lauf 2", home).info().step == 25
    with pytest.raises(Problem):
        find("mlp-digits-1", home)
    end(renamed)


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", ".hidden", "x" * 101, "a\nb", "a\0b", "<b>"])
def test_a_name_that_can_not_be_is_refused(run, name):
    with pytest.raises(Problem, match="can't be a run's name"):
        library.rename(run, name)
    assert run.exists()


def test_a_name_that_is_taken_is_refused(run):
    other = library.duplicate(run)
    with pytest.raises(Problem, match="'mlp-digits-2' already"):
        library.rename(run, other.name)
    assert run.exists() and other.exists()


def test_a_copy_has_a_name_of_its_own_and_comes_to_the_same_end(run):
    copy, third = library.duplicate(run), library.duplicate(run)
    assert (copy.name, third.name) == ("mlp-digits-2", "mlp-digits-3")
    assert copy.sample_steps() == run.sample_steps() and copy.events() == run.events()
    assert equal(end(copy), end(run))


def test_a_run_in_training_is_neither_renamed_nor_copied_nor_thrown_away(run):
    with run.owned():
        for act in (
            lambda: library.rename(run, "new"),
            lambda: library.duplicate(run),
            lambda: trash.throw_away(run),
        ):
            with pytest.raises(Problem, match="in training: stop it first"):
                act()
    assert run.exists()


# --- the trash ---------------------------------------------------------------------------------------


def test_what_was_thrown_away_is_out_of_sight_and_comes_back_whole(run, home):
    trash.throw_away(run)
    assert not runs_in(home) and [one.name for one in trash.thrown_away(home)] == ["mlp-digits-1"]
    with pytest.raises(Problem):
        find("mlp-digits-1", home)
    back = trash.take_out(home, "mlp-digits-1")
    assert not trash.thrown_away(home)
    end(back)


def test_two_of_one_name_in_the_trash_both_come_back(run, home):
    copy = library.duplicate(run)
    trash.throw_away(run)
    trash.throw_away(library.rename(copy, "mlp-digits-1"))
    names = {one.name for one in trash.thrown_away(home)}
    assert len(names) == 2
    for name in names:
        trash.take_out(home, name)
    assert {one.name for one in runs_in(home)} == names


def test_an_emptied_trash_is_empty_and_a_strange_name_takes_nothing_out(run, home):
    trash.throw_away(run)
    with pytest.raises(Problem):
        trash.take_out(home, "../mlp-digits-1")
    trash.empty_trash(home)
    assert not trash.thrown_away(home) and not list(home.iterdir())


# --- forks -------------------------------------------------------------------------------------------


def test_a_fork_without_changes_comes_to_the_same_end(run):
    child = fork(run, 20, {})
    assert child.info().state == "stopped" and child.info().step == 20
    assert len(child.history()) == 20 and child.sample_steps() == [0, 10, 20]
    assert [event.what for event in child.events()] == ["set", "fork"]
    assert json.loads((child.path / "config.json").read_text())["step"] == 20
    assert equal(end(child), end(run))


def test_a_fork_before_an_edit_drops_it(run):
    child = fork(run, 10, {})
    assert [event.what for event in child.events()] == ["fork"]
    assert not equal(end(child), end(run))


def test_a_fork_with_other_rates_batch_and_length_trains_with_them(run):
    child = fork(run, 20, {"g_rate": 5e-4, "d_rate": 2e-4, "batch_size": 5}, steps=40)
    assert [(event.what, getattr(event, "key", None)) for event in child.events()] == [
        ("set", "g_rate"),
        ("fork", None),
        ("set", "g_rate"),
    ]
    training = start.resume(child)
    training.tick(3)
    assert training.trainer.rates() == {"g_rate": 5e-4, "d_rate": 2e-4}
    assert training.trainer.batches.batch_size == 5 and training.info.steps == 40
    assert not equal(end(child), end(run))


def test_a_fork_leaves_its_parent_as_it_was_and_is_not_pinned(run):
    pin(checkpoints(run)[0])
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    child = fork(run, 10, {"g_rate": 1e-2})
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before
    assert not (checkpoints(child)[0] / "pinned").exists()


def test_a_fork_from_a_step_without_checkpoint_names_those_there_are(run, home):
    with pytest.raises(Problem, match=r"no checkpoint of step 11\. It has: 10, 20, 25"):
        fork(run, 11, {})
    with pytest.raises(Problem, match="batch_size"):
        fork(run, 10, {"batch_size": 0})
    (checkpoints(run)[0] / "state.json").write_text("{")
    with pytest.raises(Problem, match="can't be forked"):
        fork(run, 10, {})
    assert [one.name for one in home.iterdir()] == [run.name]


# --- ZIP ---------------------------------------------------------------------------------------------


def packed(run: Run) -> io.BytesIO:
    file = io.BytesIO()
    archive.pack(run, file)
    return file


def test_a_packed_run_is_unpacked_elsewhere_and_comes_to_the_same_end(run, tmp_path):
    (run.path / "error.log").write_text("nobody's business")
    file = packed(run)
    assert not [name for name in zipfile.ZipFile(file).namelist() if "lock" in name or "error" in name]
    other = archive.unpack(tmp_path / "elsewhere", file, "download.zip")
    assert other.name == run.name and other.info().state == "stopped"
    assert other.events() == run.events() and other.sample_steps() == run.sample_steps()
    assert equal(end(other), end(run))


def test_a_run_unpacked_beside_itself_gets_another_name(run, home):
    assert archive.unpack(home, packed(run), "x.zip").name == "mlp-digits-2"


def test_a_run_that_trained_when_it_was_packed_can_be_resumed(run, tmp_path):
    run.write(run.stored_info().model_copy(update={"state": "running", "pid": 1}))
    other = archive.unpack(tmp_path / "elsewhere", packed(run), "x.zip")
    assert other.info().state == "stopped" and other.info().pid == 0


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


def put(name: str, content: bytes = b"x"):
    return lambda files: files.update({name: content})


def edit_json(name: str, **values):
    def change(files):
        files[name] = json.dumps(json.loads(files[name]) | values).encode()

    return change


def link(run: Run) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.write(run.path / "run.json", "r/run.json")
        entry = zipfile.ZipInfo("r/config.json")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
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


def directory(count, false_end=False):
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
    "a path that leads out": (lambda run: rebuilt(run, put("../evil.py")), "evil.py, which no run has"),
    "a path that leads out from inside": (lambda run: rebuilt(run, put(TOP + "../../evil")), "no run has"),
    "an absolute path": (lambda run: rebuilt(run, put("/etc/cron.d/evil")), "no run has"),
    "a Windows path": (lambda run: rebuilt(run, put(TOP + "samples\\..\\..\\evil")), "no run has"),
    "a pickle": (lambda run: rebuilt(run, put(TOP + "checkpoints/00000010/optimizer.pkl")), "no run has"),
    "a script": (lambda run: rebuilt(run, put(TOP + "sitecustomize.py")), "no run has"),
    "a lock": (lambda run: rebuilt(run, put(TOP + "lock")), "no run has"),
    "a link": (link, "config.json, which no run has"),
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
    "a cut history": (lambda run: rebuilt(run, put(TOP + "history.f32", b"\0" * 33)), "history.f32"),
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


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_zip_that_is_no_run_is_refused_and_leaves_nothing(run, tmp_path, kind):
    make, told = HOSTILE[kind]
    file, home = make(run), tmp_path / "elsewhere"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Problem, match=told):
        archive.unpack(home, file, "x.zip")
    assert not home.exists() or not list(home.iterdir())
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before  # KiB on Linux, bytes on macOS
    assert growth < (100 << 10 if sys.platform == "linux" else 100 << 20)
    assert sorted(path.name for path in tmp_path.iterdir()) in (["elsewhere", "home"], ["home"])


def test_limits_keep_imports_copies_and_forks_out(run, home, monkeypatch):
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


def test_a_pack_s_size_is_known_before_it_is_made(run):
    for newest in (False, True):
        packed = io.BytesIO()
        archive.pack(run, packed, newest)
        assert archive.packed_size(run, newest) == len(packed.getvalue())
    with zipfile.ZipFile(packed) as zipped:
        inside = {name.split("/")[2] for name in zipped.namelist() if "/checkpoints/" in name}
    assert inside == {checkpoints(run)[-1].name}


def test_an_import_is_counted_before_it_is_written(run, tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_MAX_MEGABYTES", "1")
    large = rebuilt(run, put(TOP + "checkpoints/00000010/adam.safetensors", os.urandom(2_000_000)))
    with pytest.raises(Problem, match="more than the 1 MB there are for you"):
        archive.unpack(tmp_path / "elsewhere", large, "x.zip")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_run_that_changes_while_it_is_packed_is_packed_whole(run, monkeypatch, tmp_path):
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
