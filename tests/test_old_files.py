"""What people have kept opens unchanged: runs, addresses, pictures, latents, ZIPs and the Hub's files of an
earlier version (tests/fixtures, MADE_BY.md), as far as possible through the command line.
"""

import hashlib
import json
import shutil
import signal
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import load_file, save_file

from gan.__main__ import main
from gan.data.images import load
from gan.generator.recent import recent_in
from gan.hub.downloads import downloads_in
from gan.latent.address import from_query, query_in, to_query
from gan.latent.saved_directions import directions_in, parse
from gan.pictures.png import grid
from gan.runs.archive import unpack
from gan.runs.checkpoints import checkpoints, is_pinned
from gan.runs.fork import generator_at
from gan.runs.run import Run, runs_in
from gan.runs.trash import take_out, thrown_away
from tests.hub_server import HubServer

FIXTURES = Path(__file__).resolve().parent / "fixtures"
EXPECTED = json.loads((FIXTURES / "expected.json").read_text())
ARRAYS = np.load(FIXTURES / "expected.npz")
ADDRESSES = {one["name"]: one for one in EXPECTED["addresses"]}
RESUMED = {one["run"]: one for one in EXPECTED["resumed"]}
AVERAGED = "mlp-g-first-digits-1"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A runs folder as that version left it."""
    copy = Path(shutil.copytree(FIXTURES / "home", tmp_path / "home"))
    for info in copy.rglob("run.json"):
        (info.parent / "samples").mkdir(exist_ok=True)  # Git keeps no empty folder
    return copy


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """A training here takes over two signals; afterwards they are the test's again."""
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


def gan(*arguments: str | Path) -> None:
    """Run one command, which must succeed."""
    assert main([str(argument) for argument in arguments]) == 0


def draw(source: str | Path, folder: Path, *options: str | Path) -> np.ndarray:
    """The pictures that `sample` makes, uint8 (N, H, W, C)."""
    gan("sample", source, *options, "--out", folder / "drawn.npy")
    return np.load(folder / "drawn.npy")


def assert_same_pictures(found: np.ndarray, kept: np.ndarray) -> None:
    """Equal but for one grey level: another processor may round the last bit otherwise."""
    assert (found.shape, found.dtype) == (kept.shape, kept.dtype)
    assert np.abs(found.astype(int) - kept.astype(int)).max() <= 1


def assert_holds(found: object, kept: object) -> None:
    """Everything that was said is said still; a later version may say more."""
    if isinstance(kept, dict):
        for key, value in kept.items():
            assert_holds(found[key], value)
    else:
        assert found == kept


def skip_where_the_digits_are_others(run: Run) -> None:
    """Processors without fused multiply-add enlarge some of the digits by one grey more or less: other
    images, on which no run from here goes on.
    """
    usual = torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")
    if not usual and load("digits").fingerprint != run.info().data.fingerprint:
        pytest.skip("this processor enlarges the digits otherwise")


def assert_resumes(run: Run, name: str) -> None:
    """The run goes on to the weights, history and events it had at its end under that version."""
    kept = RESUMED[name]
    skip_where_the_digits_are_others(run)
    gan(*kept["command"], "--run", run.path)
    last = checkpoints(run)[-1]
    assert int(last.name) == kept["step"] and run.info().state == "finished"
    prefix = f"resumed/{name}/"
    for key in [key for key in ARRAYS.files if key.startswith(prefix) and not key.endswith("/history")]:
        group, tensor = key.removeprefix(prefix).split("/", 1)
        found = load_file(last / f"{group}.safetensors")[tensor]
        np.testing.assert_allclose(found, ARRAYS[key], rtol=1e-4, atol=1e-5, err_msg=key)
    np.testing.assert_allclose(run.history(), ARRAYS[f"{prefix}history"], rtol=1e-4, atol=1e-5)
    assert [json.loads(event.line()) for event in run.events()] == kept["events"]


# --- runs --------------------------------------------------------------------------------------------


def test_the_runs_folder_lists_the_same_runs(home: Path) -> None:
    assert {run.name for run in runs_in(home)} == EXPECTED["runs"].keys()


@pytest.mark.parametrize("name", EXPECTED["runs"])
def test_a_run_tells_what_it_told(home: Path, name: str) -> None:
    run, kept = Run(home / name), EXPECTED["runs"][name]
    assert_holds(run.info().model_dump(mode="json"), kept["info"])
    assert np.array_equal(run.history(), ARRAYS[f"history/{name}"])
    assert [json.loads(event.line()) for event in run.events()] == kept["events"]
    assert {str(int(one.name)): is_pinned(one) for one in checkpoints(run)} == kept["checkpoints"]
    assert run.sample_steps() == kept["samples"]


def test_a_run_from_before_numerics_were_chosen_computes_plainly(home: Path) -> None:
    assert "threads" in json.loads((home / "mlp-digits-3" / "run.json").read_text())
    numerics = Run(home / "mlp-digits-3").info().numerics
    assert (numerics.threads, numerics.mode, numerics.precision) == (1, "eager", "float32")


@pytest.mark.parametrize("name", ["mlp-digits-1", AVERAGED])
def test_a_generator_draws_its_runs_last_picture(home: Path, tmp_path: Path, name: str) -> None:
    run = Run(home / name)
    step = run.sample_steps()[-1]
    drawn = draw(run.path, tmp_path, "--seed", str(run.info().seed), "--count", "25")
    picture = Image.open(BytesIO(run.sample(step)))
    assert_same_pictures(np.asarray(grid(drawn, 5)), np.asarray(picture))


@pytest.mark.parametrize("name", RESUMED)
def test_a_run_goes_on_to_the_end_it_had(home: Path, name: str) -> None:
    assert_resumes(Run(home / name), name)


def test_a_run_in_the_trash_comes_back_and_begins(home: Path) -> None:
    (gone,) = thrown_away(home)
    run = take_out(home, gone.name)
    pairs = ("hidden=6,2", "latent_size=16", "g_rate=0.002", "d_rate=0.001", "sample_every=1000")
    options = [part for pair in pairs for part in ("--set", pair)]
    gan("train", "--recipe", "mlp", "--data", "digits", "--resume", "--run", run.path, *options)
    assert (run.info().state, run.info().step, run.info().seed) == ("finished", 20, 9)


def test_a_downloaded_run_is_imported_and_goes_on(tmp_path: Path) -> None:
    with open(FIXTURES / "downloads" / "mlp-digits-2.zip", "rb") as file:
        run = unpack(tmp_path / "home", file, "mlp-digits-2.zip")
    assert (run.name, run.info().state, run.info().step) == ("mlp-digits-2", "stopped", 120)
    assert_resumes(run, "mlp-digits-2")


# --- addresses and files of the Generate page --------------------------------------------------------


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_shows_the_same_pictures(home: Path, tmp_path: Path, name: str) -> None:
    kept = ADDRESSES[name]
    config, tensors = generator_at(Run(home / kept["run"]), kept["step"])
    key = hashlib.sha256(config + tensors).hexdigest()
    assert key.startswith(kept["weights"])  # else nobody finds the generator that the address names
    folder = home / kept["run"]
    (folder / "config.json").write_bytes(config)
    (folder / "model.safetensors").write_bytes(tensors)
    kind = [] if kept["kind"] == "still" else [f"--{kept['kind']}"]
    drawn = draw(folder, tmp_path, "--like", f"http://localhost:8501/generate?{kept['query']}", *kind)
    assert_same_pictures(drawn[:: 8 if len(drawn) > 64 else 1], ARRAYS[f"pixels/{name}"])


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_says_the_same_and_is_written_the_same(name: str) -> None:
    kept = ADDRESSES[name]
    look, about, complaints = from_query(kept["query"])
    assert not complaints
    assert_holds(look.model_dump(mode="json"), kept["look"])
    assert_holds(about, {"source": kept["run"], "step": str(kept["step"]), "weights": kept["weights"]})
    assert to_query(look, **about) == kept["query"]


@pytest.mark.parametrize("file", [one["file"] for one in EXPECTED["page"]])
def test_a_downloaded_picture_says_how_it_was_made_and_is_drawn_again(
    home: Path, tmp_path: Path, file: str
) -> None:
    kept = next(one for one in EXPECTED["page"] if one["file"] == file)
    path = FIXTURES / "downloads" / file
    assert query_in(path.read_bytes()) == kept["query"]
    drawn = draw(home / AVERAGED, tmp_path, "--like", path)
    assert_same_pictures(drawn, ARRAYS[f"pixels/{kept['pixels']}"])
    with Image.open(path) as picture:
        assert_same_pictures(np.asarray(grid(drawn, scale=kept["scale"])), np.asarray(picture))


@pytest.mark.parametrize("kind", ["json", "safetensors"])
def test_exported_latents_are_the_same_numbers_and_pictures(home: Path, tmp_path: Path, kind: str) -> None:
    file = FIXTURES / "downloads" / f"{AVERAGED}-step200-latents.{kind}"
    again = tmp_path / "again.safetensors"
    gan("sample", home / AVERAGED, "--latents", file, "--out", again)
    assert np.array_equal(load_file(again)["latents"], ARRAYS["latents"])
    drawn = draw(home / AVERAGED, tmp_path, "--latents", file)
    assert_same_pictures(drawn, ARRAYS["pixels/sliders"])


def test_exported_directions_are_those_saved_with_the_run(home: Path) -> None:
    content = (FIXTURES / "downloads" / f"{AVERAGED}-directions.json").read_bytes()
    exported = parse(content, "directions.json")
    assert {one.name: one for one in exported} == directions_in(home / AVERAGED)
    assert [one.name for one in exported] == ["Größe 2", "thin-line"]


def test_downloaded_weights_draw_the_same_pictures(tmp_path: Path) -> None:
    with zipfile.ZipFile(FIXTURES / "downloads" / f"{AVERAGED}-step200.zip") as archive:
        assert set(archive.namelist()) == {"config.json", "model.safetensors"}
        archive.extractall(tmp_path)
    assert_same_pictures(draw(tmp_path, tmp_path, "--seed", "6", "--count", "5"), ARRAYS["pixels/hub"])


def test_what_was_looked_at_is_still_there(home: Path) -> None:
    (one,) = recent_in(home)
    kept = EXPECTED["recent"]
    assert (one.source, one.step, one.files().key) == (kept["source"], kept["step"], kept["key"])


def test_a_dcgans_files_draw_the_same_pictures(tmp_path: Path) -> None:
    kept = EXPECTED["dcgan"]
    tensors = {name: made_up(name, *shape) for name, shape in kept["shapes"].items()}
    save_file(tensors, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps(kept["config"]))
    assert_same_pictures(draw(tmp_path, tmp_path, "--seed", "6", "--count", "4"), ARRAYS["pixels/dcgan"])


def made_up(name: str, shape: list[int], dtype: str) -> np.ndarray:
    """Numbers for a tensor of that name, the same on every machine: they need not be stored."""
    if dtype == "int64":
        return np.array(12)
    start = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    count = int(np.prod(shape))
    spread = ((np.arange(count, dtype=np.uint64) * 2654435761 + start) % 2**32 / 2**31 - 1).reshape(shape)
    if len(shape) == 1:  # a bias, or batch norm's scales, shifts and statistics
        return (spread * 0.2 + ("var" in name or "weight" in name)).astype(np.float32)
    return (spread * (9 / np.prod(shape[1:])) ** 0.5).astype(np.float32)


# --- the Hub -----------------------------------------------------------------------------------------


@pytest.fixture
def repository(hub: HubServer) -> str:
    """That version's push, on the tests' own Hub."""
    files = {file.name: file.read_bytes() for file in (FIXTURES / "hub" / "ada--digits").iterdir()}
    return hub.repo(EXPECTED["hub"]["repo"], files).name


def test_a_repository_is_pulled_and_draws_the_same_pictures(repository: str, tmp_path: Path) -> None:
    gan("pull", repository, "--out", tmp_path / "pulled")
    for source in (tmp_path / "pulled", f"hf:{repository}"):
        assert_same_pictures(draw(source, tmp_path, "--seed", "6", "--count", "5"), ARRAYS["pixels/hub"])


def test_a_repositorys_run_is_pulled_whole_and_goes_on(repository: str, tmp_path: Path) -> None:
    gan("pull", repository, "--whole", "--out", tmp_path / "home" / "pulled")
    assert_resumes(Run(tmp_path / "home" / "pulled"), AVERAGED)


def test_what_was_pulled_is_still_there(home: Path, tmp_path: Path) -> None:
    (one,) = downloads_in(home)
    assert (one.repo_id, one.source) == (EXPECTED["hub"]["repo"], EXPECTED["hub"]["source"])
    assert_same_pictures(draw(one.folder, tmp_path, "--seed", "6", "--count", "5"), ARRAYS["pixels/hub"])
