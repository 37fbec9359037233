"""Short runs, trained to a step."""

from gan.recipes.table import RECIPES
from gan.runner.checkpoint import checkpoints
from gan.runner.loop import Training

RECIPE = RECIPES["mlp"].with_changes({"sample_every": 5, "hidden": (8, 16)})


def go_to(training, step) -> Training:
    while training.trainer.steps < step and training.state in ("running", "paused"):
        training.tick(step - training.trainer.steps)
    return training


def lasting(run) -> dict[str, bytes]:
    """The files that equal runs have in common, by name."""
    files = [*run.path.glob("samples/*"), *run.path.glob("*.safetensors")]
    files += [run.path / "history.f32", run.path / "config.json"]
    files += checkpoints(run)[-1].glob("*")
    return {str(file.relative_to(run.path)): file.read_bytes() for file in files}
