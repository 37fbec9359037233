"""What a run computes with: measured once, kept, and without a trace in the run's own draws."""

import json

import pytest
import torch

from gan.compute.settings import plainly, prepare
from gan.recipes.numerics import Numerics
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runs.info import RunInfo
from gan.runs.order import Order
from gan.runs.run import Run
from gan.train import autotune
from gan.train.autotune import cache_file, tuned
from gan.train.trainer import Trainer

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def measuring(monkeypatch):
    """Measuring is on, and short; torch's settings come back."""
    monkeypatch.delenv("GAN_TUNING")
    monkeypatch.setattr(autotune, "SECONDS", 0.01)
    monkeypatch.setattr(autotune, "LEAST", 1)
    threads = torch.get_num_threads()
    yield
    prepare(Numerics(threads=threads))


@pytest.fixture
def recipe():
    return RECIPES["mlp"].with_changes({"batch_size": 8})


@pytest.fixture
def rates(monkeypatch):
    """A machine of four cores on which each setting has the rate that a test gives it."""
    given = {f"{count} threads, float32, gradients by hand": 1 for count in (3, 4)}
    monkeypatch.setattr(autotune, "cores", lambda: 4)
    monkeypatch.setattr(autotune, "threads_beside_a_browser", lambda: 3)
    monkeypatch.setattr(autotune, "onednn_is_exact", lambda: True)
    measured = []

    def rate(recipe, images, device, numerics):
        measured.append(numerics)
        value = given[numerics.model_copy(update={"why": ""}).told("cpu")]
        if isinstance(value, Exception):
            raise value
        return value

    monkeypatch.setattr(autotune, "steps_per_second", rate)
    given["measured"] = measured
    return given


def test_what_is_clearly_faster_is_taken_and_told(rates, recipe, small_images):
    rates |= {"4 threads, float32": 100, "4 threads, float32, oneDNN": 120}
    rates |= {"2 threads, float32, oneDNN": 150, "1 thread, float32, oneDNN": 90}
    found = tuned(recipe, small_images(), CPU, beside_browser=False)
    assert (found.threads, found.products) == (2, "onednn")
    assert "2 threads, float32, oneDNN: 150/s" in found.why and "4 threads, float32: 100/s" in found.why


def test_what_is_hardly_faster_is_not(rates, recipe, small_images):
    rates |= {"4 threads, float32": 100, "4 threads, float32, oneDNN": 102}
    rates |= {"2 threads, float32": 103, "1 thread, float32": 104}
    found = tuned(recipe, small_images(), CPU, beside_browser=False)
    assert (found.threads, found.products) == (4, "blas")


@pytest.mark.parametrize(("with_four", "chosen"), [(115, 3), (130, 4)])
def test_beside_a_browser_a_core_stays_free_unless_it_is_worth_much(
    with_four, chosen, rates, recipe, small_images
):
    rates |= {"3 threads, float32": 100, "3 threads, float32, oneDNN": 1, "1 thread, float32": 50}
    rates["4 threads, float32"] = with_four
    assert tuned(recipe, small_images(), CPU, beside_browser=True).threads == chosen


def test_what_this_machine_refuses_stays_off_and_the_reason_is_told(rates, recipe, small_images):
    rates |= {"4 threads, float32": 100, "4 threads, float32, oneDNN": RuntimeError("no such kernel")}
    rates |= {"2 threads, float32": 1, "1 thread, float32": 1}
    found = tuned(recipe, small_images(), CPU, beside_browser=False)
    assert found.products == "blas" and "no such kernel" in found.why


def test_it_is_measured_once_for_a_machine_and_recipe_and_anew_when_asked(recipe, small_images, monkeypatch):
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
def test_a_damaged_cache_is_measured_over(content, recipe, small_images):
    cache_file().parent.mkdir(parents=True)
    cache_file().write_bytes(content)
    found = tuned(recipe, small_images(), CPU, beside_browser=False)
    assert found.model_dump() in json.loads(cache_file().read_text()).values()


def test_a_cache_with_nonsense_for_this_machine_is_measured_over(recipe, small_images):
    tuned(recipe, small_images(), CPU, beside_browser=False)
    known = json.loads(cache_file().read_text())
    cache_file().write_text(json.dumps({key: {"threads": -3} for key in known}))
    assert tuned(recipe, small_images(), CPU, beside_browser=False).threads >= 1


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(recipe, small_images, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert tuned(recipe, small_images(), CPU, beside_browser=False).threads >= 1


def test_measuring_leaves_no_trace_in_the_run(recipe, tmp_path, monkeypatch):
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


def test_a_run_keeps_its_numerics_when_it_is_resumed_wherever_that_is(recipe, tmp_path):
    chosen = Numerics(threads=1, precision="bfloat16", why="measured")
    run = Run.make(tmp_path / "run")
    training = start.begin(run, Order(recipe, "digits", 5, 30, numerics=chosen))
    training.tick(10, 60)
    training.stop()
    assert start.resume(run).info.numerics == chosen


def test_a_run_made_before_numerics_were_chosen_computes_as_it_did():
    made = {"recipe": RECIPES["mlp"].model_dump(), "data": {"name": "digits"}, "seed": 0, "steps": 10}
    info = RunInfo.model_validate(made | {"created": "2026-11-20T00:00:00+00:00", "threads": 2})
    assert info.numerics == Numerics(threads=2)


def test_gan_tuning_off_gives_the_same_everywhere(recipe, small_images, monkeypatch):
    monkeypatch.setenv("GAN_TUNING", "off")
    found = tuned(recipe, small_images(), CPU, beside_browser=False)
    assert found.model_copy(update={"why": ""}) == Numerics() and not cache_file().exists()


# --- what the choices do -----------------------------------------------------------------------------


def test_onednn_is_offered_only_where_its_float32_is_float32():
    a = torch.randn(64, 256, generator=torch.Generator().manual_seed(1))
    right = a.double() @ a.double().T
    before = torch.backends.mkldnn.matmul.fp32_precision
    if autotune.onednn_is_exact():
        prepare(Numerics(products="onednn"))
        assert float((a @ a.T - right).abs().max() / right.abs().max()) < 1e-5
        with plainly():
            assert torch.backends.mkldnn.matmul.fp32_precision == "ieee"
    assert before == "ieee" or before == "none"


@pytest.mark.parametrize("name", RECIPES)
def test_bfloat16_takes_the_plain_step_within_its_rounding(name, small_images):
    """Eight bits of mantissa round by 1/256 at the most; losses of the first steps differ by little more."""
    recipe = RECIPES[name].with_changes({"batch_size": 8})
    rounds = {}
    for precision in ("float32", "bfloat16"):
        trainer = Trainer(recipe, small_images(20, 28), 5, numerics=Numerics(precision=precision))
        rounds[precision] = trainer.advance(3)
        assert all(p.dtype == torch.float32 for p in trainer.generator.parameters())
    first = {key: value[0, :2] for key, value in rounds.items()}
    assert torch.allclose(first["float32"], first["bfloat16"], atol=0.02)
    assert not torch.equal(rounds["float32"], rounds["bfloat16"])


BY_HAND = Numerics(mode="by hand")


@pytest.mark.parametrize("name", ["mlp", "mlp-g-first"])
@pytest.mark.parametrize("changes", [{}, {"d_latents": "fresh"}, {"order": "gd"}, {"d_scale": 0.7}])
def test_gradients_by_hand_are_those_of_autograd(name, changes, small_images):
    """Over two epochs, their short batches included; sums in another order differ in float32's 24th bit,
    which Adam with its usual eps would blow up where a gradient is next to nothing.
    """
    recipe = RECIPES[name].with_changes({"batch_size": 8, "g_rate": 1e-3, "eps": 1e-3} | changes)
    plain = Trainer(recipe, small_images(20, 28), 5)
    written = Trainer(recipe, small_images(20, 28), 5, numerics=BY_HAND)
    ours, theirs = written.advance(6), plain.advance(6)
    assert torch.allclose(ours, theirs, atol=1e-5)
    for net in ("generator", "discriminator"):
        weights = getattr(plain, net).state_dict()
        for key, value in getattr(written, net).state_dict().items():
            assert torch.allclose(value, weights[key], atol=1e-6), key
    assert torch.equal(written.rng["latents"].get_state(), plain.rng["latents"].get_state())


def assert_resumes(whole, first, second, before, after):
    """Three equal trainers: one plays on, the others hand over in between."""
    whole.advance(before + after)
    first.advance(before)
    second.load_state_dict(first.copy())
    second.advance(after)
    for name, value in whole.generator.state_dict().items():
        assert torch.equal(value, second.generator.state_dict()[name])


def test_gradients_by_hand_resume_with_the_same_bits(small_images):
    recipe = RECIPES["mlp"].with_changes({"batch_size": 8})
    whole, first, second = (Trainer(recipe, small_images(20, 28), 5, numerics=BY_HAND) for _ in range(3))
    assert_resumes(whole, first, second, 4, 5)


def test_a_recipe_that_is_not_written_out_steps_by_autograd(small_images):
    recipe = RECIPES["mlp"].with_changes({"batch_size": 8, "d_updates": "separate"})
    written, plain = (
        Trainer(recipe, small_images(20, 28), 5, numerics=numerics) for numerics in (BY_HAND, None)
    )
    assert torch.equal(written.advance(5), plain.advance(5))


# --- on a GPU ----------------------------------------------------------------------------------------

on_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU, and there is none")


@on_a_gpu
@pytest.mark.parametrize("name", RECIPES)
def test_a_recorded_step_is_the_eager_step(name, small_images):
    """20 images and batches of 8: every third batch of an epoch is short and played eagerly."""
    recipe = RECIPES[name].with_changes({"batch_size": 8})
    prepare(Numerics())
    eager = Trainer(recipe, small_images(20, 28), 5, "cuda")
    recorded = Trainer(recipe, small_images(20, 28), 5, "cuda", Numerics(mode="graph"))
    ours, theirs = recorded.advance(12), eager.advance(12)
    assert torch.allclose(ours[:3], theirs[:3], atol=1e-3)  # dropout's masks may come in another order
    assert recorded.steps == 12


@on_a_gpu
def test_a_recorded_run_resumes_with_the_same_bits_and_obeys_new_rates(small_images):
    recipe = RECIPES["dcgan"].with_changes({"batch_size": 8})
    make = lambda: Trainer(recipe, small_images(20, 28), 5, "cuda", Numerics(mode="graph"))  # noqa: E731
    whole, first, second = make(), make(), make()
    assert_resumes(whole, first, second, 5, 5)
    whole.set_rates(g_rate=1e-12)
    before = whole.copy()["generator"]
    whole.advance(1)
    weights = dict(whole.generator.named_parameters())
    assert all(torch.allclose(before[name], value, atol=1e-9) for name, value in weights.items())


@on_a_gpu
def test_a_gpu_that_cannot_record_steps_eagerly_and_says_why(small_images, monkeypatch):
    def refuse(*_):
        raise RuntimeError("capture is not supported here")

    monkeypatch.setattr("gan.train.cuda_graph.RecordedStep._record", refuse)
    found = tuned(RECIPES["mlp"], small_images(100, 28), torch.device("cuda"), beside_browser=False)
    assert found.mode == "eager" and "capture is not supported" in found.why
