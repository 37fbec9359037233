"""Recipes: what to train and how, by name. The seed systems are here exactly as their posts give them."""

from typing import Literal, Self

from pydantic import BaseModel, Field, ValidationError, model_validator

from gan.errors import Problem

Rate = Field(gt=0, le=1, allow_inf_nan=False)
Width = Field(ge=1, le=4096)
MAX_STEPS = 100_000_000
PLAIN = r"^[\w ,.:;()'+/-]*$"  # no markup: recipes also come in files from strangers


class Recipe(BaseModel, frozen=True, extra="forbid", strict=False):
    """What to train: on one machine, the same recipe, data and seed give the same run.

    A recipe's length is `steps`, or `epochs` where its post counts those.
    """

    name: str = Field(max_length=64, pattern=PLAIN)
    title: str = Field(max_length=64, pattern=PLAIN)
    purpose: str = Field(max_length=200, pattern=PLAIN)  # one line for who chooses
    source: str = Field(max_length=200, pattern=PLAIN)  # the post it comes from

    nets: Literal["mlp", "dcgan"]  # key of gan.nets.NETS
    hidden: tuple[int, int] | None = (
        None  # widths of the MLP's two hidden layers, as G meets them; D in reverse
    )
    g_activation: Literal["leaky_relu", "relu"] = "leaky_relu"  # between the layers of an MLP generator
    latent_size: int = Field(100, ge=1, le=1024)

    loss: Literal["bce"] = "bce"  # key of gan.train.losses.LOSSES
    order: Literal["dg", "gd"] = "dg"  # who moves first in a step
    d_scale: float = Field(1.0, gt=0, le=1)  # 0.5 makes d_loss the mean of its real and its fake part
    d_updates: Literal["joint", "separate"] = "joint"  # one D update on both parts, or one on each in turn
    d_latents: Literal["shared", "fresh"] = (
        "shared"  # does D see the fakes of G's own latents, or of new ones
    )
    d_fakes: Literal["training", "inference"] = "training"  # G's batch norm while it makes fakes for D

    g_rate: float = Rate
    d_rate: float = Rate
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = Field(1e-8, gt=0, le=1)

    batch_size: int = Field(32, ge=1, le=4096)
    drawing: Literal["epochs", "full-batches", "replacement"] = (
        "epochs"  # shuffled; shuffled, short last dropped; anew
    )
    ema: float = Field(0.0, ge=0, le=1e7)  # half-life, in images, of the averaged generator; 0: there is none
    epochs: int | None = Field(None, ge=1, le=MAX_STEPS)
    steps: int | None = Field(None, ge=1, le=MAX_STEPS)
    sample_every: int = Field(200, ge=1)  # steps between two kept sample grids

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.epochs is None) == (self.steps is None):
            raise ValueError("a recipe's length is either its steps or its epochs")
        if (self.hidden is None) == (self.nets == "mlp"):
            raise ValueError("hidden belongs to an mlp, and only to an mlp")
        if self.hidden and not all(1 <= width <= 4096 for width in self.hidden):
            raise ValueError("hidden widths go from 1 to 4096")
        if not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError("betas lie in [0, 1)")
        return self

    def steps_per_epoch(self, images: int) -> int:
        """Updates of G until `images` real images have passed once."""
        if self.drawing == "epochs":
            return -(-images // self.batch_size)
        return max(1, images // self.batch_size)

    def length(self, images: int) -> int:
        """Steps the whole recipe takes on a data set of that many images."""
        return self.steps or min(MAX_STEPS, self.epochs * self.steps_per_epoch(images))

    def with_changes(self, changes: dict[str, object]) -> "Recipe":
        """The same recipe with some values changed.

        Values may be text, as a command line gives them. Raises Problem naming the key, the value and what
        is allowed.
        """
        changes = dict(changes)
        for key, value in changes.items():
            if key not in SETTABLE:
                raise Problem(
                    "There is no setting '{key}'. Settings: {settings}.",
                    key=key,
                    settings=", ".join(SETTABLE),
                    misuse=True,
                )
            if isinstance(value, str) and key in PAIRS:
                changes[key] = value.split(",")
        for length, other in (("steps", "epochs"), ("epochs", "steps")):
            if length in changes:
                changes.setdefault(other, None)
        try:
            return Recipe.model_validate(self.model_dump() | changes)
        except ValidationError as error:
            raise _refusal(error, changes) from None


SETTABLE = (
    "g_rate",
    "d_rate",
    "batch_size",
    "steps",
    "epochs",
    "sample_every",
    "latent_size",
    "hidden",
    "g_activation",
    "betas",
    "eps",
    "ema",
    "order",
    "d_scale",
    "d_updates",
    "d_latents",
    "d_fakes",
    "drawing",
)
LIVE = ("g_rate", "d_rate")  # what may change while a run is in training
PAIRS = {
    "hidden": "should be two whole numbers from 1 to 4096, like 128,256",
    "betas": "should be two numbers from 0 to below 1, like 0.9,0.999",
}


def _refusal(error: ValidationError, changes: dict[str, object]) -> Problem:
    first = error.errors()[0]
    key = str(first["loc"][0]) if first["loc"] else next(iter(changes), "recipe")
    allowed = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if first["loc"]:
        allowed = PAIRS.get(key, allowed)
    return Problem(
        "{key} = {value} can't be used: it {allowed}.",
        key=key,
        value=_shown(changes.get(key, first.get("input")) if first["loc"] else list(changes.values())),
        allowed=allowed if allowed.startswith("should") else f"breaks a rule: {allowed}",
        misuse=True,
    )


def _shown(value: object) -> str:
    return ",".join(map(_shown, value)) if isinstance(value, list | tuple) else str(value)


MAX_SEED = 2**53 - 1  # what a browser's number still holds exactly


WORD = r"^[\w .+-]*$"  # what can stand in a page or a card as it is
