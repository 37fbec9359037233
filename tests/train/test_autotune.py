"""What a run computes with: measured once, kept, and without a trace in the run's own draws."""

import json
import platform
import pwd
from collections.abc import Callable

import pytest
import torch

from gan.compute.settings import prepare
from gan.recipes.numerics import Numerics
from gan.recipes.recipe import Recipe
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runs.info import RunInfo
from gan.runs.order import Order
from gan.runs.run import Run
from gan.train import autotune
from gan.train.autotune import cache_file, tuned

CPU = torch.device("cpu")
pytestmark = pytest.mark.usefixtures("measuring")


@pytest.fixture
def recipe() -> Recipe:
    return RECIPES["mlp"].with_changes({"batch_size": 8})


@pytest.fixture
def rates(monkeypatch) -> Callable[..., object]:
    """A machine of four cores on which each setting has the rate that a test gives it."""
    given = {f"{count} threads, float32, gradients by hand": 1 for count in (3, 4)}
    monkeypatch.setattr(autotune, "cores", lambda: 4)
    monkeypatch.setattr(autotune, "threads_beside_a_browser", lambda: 3)
    monkeypatch.setattr(autotune, "onednn_is_exact", lambda: True)
    measured = []

    def rate(recipe, images, device, numerics) -> float:
        measured.append(numerics)
        value = given[numerics.model_copy(update={"why": ""}).told("cpu")]
        if isinstance(value, Exception):
            raise value
        return value

    monkeypatch.setattr(autotune, "steps_per_second", rate)
    given["measured"] = measured
    return given


def test_what_is_clearly_faster_is_taken_and_told(rates, recipe, small_images) -> None:
    rates |= {"4 threads, float32": 100, "4 threads, float32, oneDNN": 120}
    rates |= {"2 threads, float32, oneDNN": 150, "1 thread, float32, oneDNN": 90}
    found = tuned(recipe, small_images(), CPU, beside_browser=False)
    assert (found.threads, found.products) == (2, "onednn")
    assert "2 threads, float32, oneDNN: 150/s" in found.why and "4 threads, float32: 100/s" in found.why


def test_what_is_hardly_faster_is_not(rates, recipe, small_images) -> None:
    rates |= {"4 threads, float32": 100, "4 threads, float32, oneDNN": 102}
    rates |= {"2 threads, float32": 103, "1 thread, float32": 104}
    found = tuned(recipe, small_images(), CPU, beside_browser=False)
    assert (found.threads, found.products) == (4, "blas")


def test_measuring_waits_until_other_processes_are_calm(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = iter([0.0, 1.0, 1.0, 2.0, 2.0, 2.0])  # seconds worked, before and after each of three looks
    monkeypatch.setattr(autotune, "CALM_AT_MOST", 60.0)
    monkeypatch.setattr(autotune, "_busy", lambda: next(busy))
    monkeypatch.setattr(autotune, "sleep", lambda seconds: None)
    autotune.wait_for_calm()
    assert not list(busy)


@pytest.mark.parametrize(("with_four", "chosen"), [(115, 3), (130, 4)])
def test_beside_a_browser_a_core_stays_free_unless_it_is_worth_much(
    with_four, chosen, rates, recipe, small_images
) -> None:
    rates |= {"3 threads, float32": 100, "3 threads, float32, oneDNN": 1, "1 thread, float32": 50}
    rates["4 threads, float32"] = with_four
    assert tuned(recipe, small_images(), CPU, beside_browser=True).threads == chosen


@pytest.mark.parametrize(
    ("of_onednn", "of_two", "of_one", "chosen"),
    [
        (
            150,
            120,
            60,
            (4, "onednn"),
        ),  # two threads are faster than the first way, and slower than the second
        (150, 200, 170, (2, "onednn")),
        (150, 200, 300, (1, "onednn")),
        (150, 152, 180, (1, "onednn")),
        (99, 90, 103, (4, "blas")),
    ],
)
def test_of_three_changes_that_are_tried_the_fastest_is_taken(
    of_onednn, of_two, of_one, chosen, rates, recipe, small_images
) -> None:
    rates |= {"4 threads, float32": 100, "4 threads, float32, oneDNN": of_onednn}
    for rest in ("", ", oneDNN"):
        rates |= {f"2 threads, float32{rest}": of_two, f"1 thread, float32{rest}": of_one}
    found = tuned(recipe, small_images(), CPU, beside_browser=False)
    assert (found.threads, found.products) == chosen


def test_what_was_measured_beside_a_browser_is_not_for_a_run_alone(rates, recipe, small_images) -> None:
    """Alone, no core is kept free for a page."""
    rates |= {f"{count} threads, float32, oneDNN": 1 for count in (3, 4)}
    rates |= {"4 threads, float32": 110, "3 threads, float32": 100, "2 threads, float32": 1}
    rates["1 thread, float32"] = 1
    beside = tuned(recipe, small_images(), CPU, beside_browser=True)
    alone = tuned(recipe, small_images(), CPU, beside_browser=False)
    assert (beside.threads, alone.threads) == (3, 4)
    rates["measured"].clear()
    assert tuned(recipe, small_images(), CPU, beside_browser=True) == beside
    assert tuned(recipe, small_images(), CPU, beside_browser=False) == alone and not rates["measured"]


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        (platform, "node", lambda: "another"),  # two machines may share a home folder
        (platform, "machine", lambda: "another"),
        (torch, "__version__", "9.9.9"),
        (autotune, "cores", lambda: 77),
        (autotune, "VERSION", "v0"),
    ],
    ids=["node", "machine", "torch", "cores", "version"],
)
def test_another_machine_torch_or_program_is_measured_anew(
    place, name, value, recipe, small_images, monkeypatch
) -> None:
    tuned(recipe, small_images(), CPU, beside_browser=False)
    asked = []
    monkeypatch.setattr(autotune, "steps_per_second", lambda *_: asked.append(1) or 1.0)
    monkeypatch.setattr(place, name, value)
    tuned(recipe, small_images(), CPU, beside_browser=False)
    assert asked


def test_pictures_of_another_size_are_measured_anew(recipe, small_images, monkeypatch) -> None:
    tuned(recipe, small_images(), CPU, beside_browser=False)
    asked = []
    monkeypatch.setattr(autotune, "steps_per_second", lambda *_: asked.append(1) or 1.0)
    tuned(recipe, small_images(side=12), CPU, beside_browser=False)
    assert asked


def test_what_this_machine_refuses_stays_off_and_the_reason_is_told(rates, recipe, small_images) -> None:
    rates |= {"4 threads, float32": 100, "4 threads, float32, oneDNN": RuntimeError("no such kernel")}
    rates |= {"2 threads, float32": 1, "1 thread, float32": 1}
    found = tuned(recipe, small_images(), CPU, beside_browser=False)
    assert found.products == "blas" and "no such kernel" in found.why


def test_it_is_measured_once_for_a_machine_and_recipe_and_anew_when_asked(
    recipe, small_images, monkeypatch
) -> None:
    first = tuned(recipe, small_images(), CPU, beside_browser=False)
    asked = []
    monkeypatch.setattr(autotune, "steps_per_second", lambda *_: asked.append(1) or 1.0)
    assert tuned(recipe, small_images(), CPU, beside_browser=False) == first and not asked
    other_rate = recipe.with_changes({"g_rate": 1e-3, "steps": 5})  # nothing that changes a step's work
    assert tuned(other_rate, small_images(), CPU, beside_browser=False) == first and not asked
    tuned(recipe.with_changes({"batch_size": 16}), small_images(), CPU, beside_browser=False)
    assert asked
    asked.clear()
    tuned(recipe, small_images(), CPU, beside_browser=False, anew=True)
    assert asked


@pytest.mark.parametrize("content", [b"", b"[]", b'{"', b"\xff"])
def test_a_damaged_cache_is_measured_over(content, recipe, small_images) -> None:
    cache_file().parent.mkdir(parents=True)
    cache_file().write_bytes(content)
    found = tuned(recipe, small_images(), CPU, beside_browser=False)
    assert found.model_dump() in json.loads(cache_file().read_text()).values()


def test_a_cache_with_nonsense_for_this_machine_is_measured_over(recipe, small_images) -> None:
    tuned(recipe, small_images(), CPU, beside_browser=False)
    known = json.loads(cache_file().read_text())
    cache_file().write_text(json.dumps({key: {"threads": -3} for key in known}))
    assert tuned(recipe, small_images(), CPU, beside_browser=False).threads >= 1


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(
    recipe, small_images, tmp_path, monkeypatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert tuned(recipe, small_images(), CPU, beside_browser=False).threads >= 1


def test_measuring_leaves_no_trace_in_the_run(recipe, tmp_path, monkeypatch) -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    measured = start.begin(Run.make(tmp_path / "a"), Order(recipe, "digits", 5, 30))
    assert torch.equal(torch.get_rng_state(), before)
    told = start.begin(
        Run.make(tmp_path / "b"), Order(recipe, "digits", 5, 30, numerics=measured.info.numerics)
    )
    for training in (measured, told):
        prepare(training.info.numerics)
        training.tick(30, 60)
    ours, theirs = measured.trainer.state_dict(), told.trainer.state_dict()
    for group, tensors in ours.items():
        assert all(torch.equal(value, theirs[group][name]) for name, value in tensors.items())


def test_a_run_keeps_its_numerics_when_it_is_resumed_wherever_that_is(recipe, tmp_path) -> None:
    chosen = Numerics(threads=1, precision="bfloat16", why="measured")
    run = Run.make(tmp_path / "run")
    training = start.begin(run, Order(recipe, "digits", 5, 30, numerics=chosen))
    training.tick(10, 60)
    training.stop()
    assert start.resume(run).info.numerics == chosen


def test_a_run_made_before_numerics_were_chosen_computes_as_it_did() -> None:
    made = {"recipe": RECIPES["mlp"].model_dump(), "data": {"name": "digits"}, "seed": 0, "steps": 10}
    info = RunInfo.model_validate(made | {"created": "2026-11-20T00:00:00+00:00", "threads": 2})
    assert info.numerics == Numerics(threads=2)


def test_gan_tuning_off_gives_the_same_everywhere(recipe, small_images, monkeypatch) -> None:
    monkeypatch.setenv("GAN_TUNING", "off")
    found = tuned(recipe, small_images(), CPU, beside_browser=False)
    assert found.model_copy(update={"why": ""}) == Numerics() and not cache_file().exists()


def test_without_a_home_nothing_is_kept_and_no_folder_called_tilde_is_made(monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "XDG_CACHE_HOME", "USERPROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: {}[uid])  # a number that belongs to nobody
    assert cache_file() is None
    monkeypatch.setenv("XDG_CACHE_HOME", "~/x")
    assert cache_file() is None and not list(tmp_path.iterdir())
