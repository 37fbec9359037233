"""A recipe: what to train and how. Each setting is declared here once, with all that pages, command line,
card, tuner and checkpoints ask about it (gan.recipes.fields).
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, ValidationError, model_validator

from gan.errors import Problem, first_fault
from gan.recipes.architectures import ARCHITECTURES
from gan.recipes.fields import Setting, as_text, rate, settings_of

MAX_STEPS = 100_000_000
MAX_SEED = 2**53 - 1  # what a browser's number still holds exactly
PLAIN = r"^[\w ,.:;()'+/-]*$"  # no markup: recipes also come in files from strangers
WORD = r"^[\w .+-]*$"  # what can stand in a page or a card as it is
RATES = (*(float(f"{digit}e{power}") for power in range(-5, -1) for digit in (1, 2, 5)), 0.1)
HALF_LIFE = 10_000.0  # images, of the average that the form's switch asks for: 300 steps or so
AVERAGED_HELP = (
    "Keep a running average of G's weights beside them (EMA, half-life 10,000 images) and draw pictures with "
    "it: they are steadier and mostly better. Training itself stays the same, to the bit."
)
Rate = Field(gt=0, le=1, allow_inf_nan=False)


class Recipe(BaseModel, frozen=True, extra="forbid", strict=False):
    """What to train: on one machine, the same recipe, data and seed give the same run.

    A recipe's length is `steps`, or `epochs` where its post counts those.
    """

    name: str = Field(max_length=64, pattern=PLAIN)
    title: str = Field(max_length=64, pattern=PLAIN)
    purpose: str = Field(max_length=200, pattern=PLAIN)  # one line for who chooses
    source: str = Field(max_length=200, pattern=PLAIN)  # the post it comes from

    nets: Literal[*ARCHITECTURES]
    hidden: Annotated[
        tuple[int, int] | None,
        Setting(
            "Hidden widths",
            help="Of the MLP's two hidden layers, as G meets them; D has them in reverse.",
            pair="should be two whole numbers from 1 to 4096, like 128,256",
            of_tensors=True,
        ),
    ] = None
    g_activation: Annotated[Literal["leaky_relu", "relu"], Setting("Activation in G")] = "leaky_relu"
    latent_size: Annotated[int, Setting("Latent size", of_tensors=True)] = Field(100, ge=1, le=1024)

    loss: Annotated[Literal["bce"], Setting("Loss")] = "bce"  # key of gan.train.losses.LOSSES
    order: Annotated[
        Literal["dg", "gd"], Setting("Order of moves", help="dg: D moves first in a step. gd: G does.")
    ] = "dg"
    d_scale: Annotated[
        float,
        Setting("Scale of D's loss", help="0.5 makes it the mean of its real and its fake part, 1 the sum."),
    ] = Field(1.0, gt=0, le=1)
    d_updates: Annotated[
        Literal["joint", "separate"],
        Setting("Updates of D", help="One update on both parts of its loss, or one on each in turn."),
    ] = "joint"
    d_latents: Annotated[
        Literal["shared", "fresh"],
        Setting("Fakes for D", help="Of the latents that G learns from, or of fresh ones."),
    ] = "shared"
    d_fakes: Annotated[
        Literal["training", "inference"],
        Setting("G's batch norm for D", help="By its batch or by its averages, while it makes fakes for D."),
    ] = "training"

    g_rate: Annotated[
        float, Setting("Learning rate G", choices=RATES, show=rate, live=True, of_step=False)
    ] = Rate
    d_rate: Annotated[
        float, Setting("Learning rate D", choices=RATES, show=rate, live=True, of_step=False)
    ] = Rate
    betas: Annotated[
        tuple[float, float],
        Setting("Adam's betas", pair="should be two numbers from 0 to below 1, like 0.9,0.999"),
    ] = (0.9, 0.999)
    eps: Annotated[float, Setting("Adam's epsilon", show=rate)] = Field(1e-8, gt=0, le=1)

    batch_size: Annotated[int, Setting("Batch", choices=(16, 32, 64, 128, 256))] = Field(32, ge=1, le=4096)
    drawing: Annotated[
        Literal["epochs", "full-batches", "replacement"],
        Setting(
            "Drawing of images",
            help="Shuffled epochs; the same without the short last batch; or each batch from all images.",
        ),
    ] = "epochs"
    # The half-life, in images, of the averaged generator; 0: there is none.
    ema: Annotated[float, Setting("Averaged weights", help=AVERAGED_HELP, on=HALF_LIFE, of_tensors=True)] = (
        Field(0.0, ge=0, le=1e7)
    )
    epochs: Annotated[int | None, Setting("Epochs", of_step=False, of_length=True)] = Field(
        None, ge=1, le=MAX_STEPS
    )
    steps: Annotated[int | None, Setting("Steps", of_step=False, of_length=True)] = Field(
        None, ge=1, le=MAX_STEPS
    )
    sample_every: Annotated[int, Setting("Steps between kept pictures", of_step=False)] = Field(200, ge=1)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.epochs is None) == (self.steps is None):
            raise ValueError("a recipe's length is either its steps or its epochs")
        if (self.hidden is None) == ("hidden" in ARCHITECTURES[self.nets].settings):
            having = [name for name, one in ARCHITECTURES.items() if "hidden" in one.settings]
            raise ValueError(f"hidden belongs to an {', '.join(having)}, and only to an {', '.join(having)}")
        if self.hidden and not all(1 <= width <= 4096 for width in self.hidden):
            raise ValueError("hidden widths go from 1 to 4096")
        if not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError("betas lie in [0, 1)")
        return self

    # --- its length -------------------------------------------------------------------------------------

    def steps_per_epoch(self, images: int) -> int:
        """Updates of G until `images` real images have passed once."""
        if self.drawing == "epochs":
            return -(-images // self.batch_size)
        return max(1, images // self.batch_size)

    def length(self, images: int) -> int:
        """Steps the whole recipe takes on a data set of that many images."""
        return self.steps or min(MAX_STEPS, self.epochs * self.steps_per_epoch(images))

    # --- its settings -----------------------------------------------------------------------------------

    def settings(self) -> dict[str, Setting]:
        """The settings it has: those of another architecture alone are left out."""
        foreign = {name for one in ARCHITECTURES.values() for name in one.settings}
        foreign -= set(ARCHITECTURES[self.nets].settings)
        return {name: setting for name, setting in SETTINGS.items() if name not in foreign}

    def changes_from(self, other: "Recipe") -> dict[str, str]:
        """Settings in which this recipe differs from another one, as `--set` takes them; not its length."""
        return {
            name: as_text(getattr(self, name))
            for name, setting in SETTINGS.items()
            if not setting.of_length and getattr(self, name) != getattr(other, name)
        }

    def work(self) -> dict:
        """All that the work of a step depends on, as JSON: what a machine is measured for."""
        idle = {name for name, setting in SETTINGS.items() if not setting.of_step}
        return self.model_dump(mode="json", exclude=ABOUT | idle)

    def identity(self) -> dict:
        """What its checkpoints belong to, as JSON: all of it but its length and what is only told of it."""
        length = {name for name, setting in SETTINGS.items() if setting.of_length}
        return self.model_dump(mode="json", exclude=ABOUT - {"name"} | length)

    def stays_within(self, known: Mapping[str, tuple]) -> bool:
        """Does its step ask for nothing else? `known` names settings, each with the values that are known,
        none for any; every other setting that the work of a step depends on has to stand at its default.
        """
        fields = type(self).model_fields
        for name in fields.keys() - ABOUT:
            value = getattr(self, name)
            if name in known:
                if known[name] and value not in known[name]:
                    return False
            elif (name not in SETTINGS or SETTINGS[name].of_step) and value != fields[name].default:
                return False
        return True

    def with_changes(self, changes: Mapping[str, object]) -> "Recipe":
        """The same recipe with some values changed.

        Values may be text, as a command line gives them. Raises Problem naming the key, the value and what
        is allowed.
        """
        changes = dict(changes)
        for key, value in changes.items():
            if key not in SETTINGS:
                usual_first = sorted(SETTINGS, key=lambda name: not SETTINGS[name].at_first_glance)
                raise Problem(
                    "There is no setting '{key}'. Settings: {settings}.",
                    key=key,
                    settings=", ".join(usual_first),
                    misuse=True,
                )
            if isinstance(value, str) and SETTINGS[key].pair:
                changes[key] = value.split(",")
        for length, other in (("steps", "epochs"), ("epochs", "steps")):
            if length in changes:
                changes.setdefault(other, None)
        try:
            return Recipe.model_validate(self.model_dump() | changes)
        except ValidationError as error:
            raise _refusal(error, changes) from None


SETTINGS = settings_of(Recipe)
LIVE = tuple(name for name, setting in SETTINGS.items() if setting.live)
ABOUT = {"name", "title", "purpose", "source"}  # fields that say what a recipe is called and where it is from


def _refusal(error: ValidationError, changes: dict[str, object]) -> Problem:
    place, allowed = first_fault(error)
    key, value = place.split(".")[0], list(changes.values())
    if key in SETTINGS:
        value = changes.get(key, error.errors()[0].get("input"))
        allowed = SETTINGS[key].pair or allowed.removeprefix("Input ")
    else:
        key = next(iter(changes), "recipe")
    return Problem(
        "{key} = {value} can't be used: it {allowed}.",
        key=key,
        value=as_text(value),
        allowed=allowed if allowed.startswith("should") else f"breaks a rule: {allowed}",
        misuse=True,
    )
