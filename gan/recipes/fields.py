"""What a setting of a recipe is beside its type and bounds, said once, where `Recipe` declares it.

The form, `--set`, the command that Settings shows, the card, the fork dialog, the tuner's key and a
checkpoint's "same recipe?" read it from there and keep no list of their own: a new setting is one entry in
gan.recipes.recipe.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def rate(value: float) -> str:
    """A learning rate as people write it: 2e-4, 0.1."""
    if value >= 0.01:
        return f"{value:g}"
    digits, exponent = f"{value:.3e}".split("e")
    return f"{float(digits):g}e{int(exponent)}"


def as_text(value: object) -> str:
    """A setting's value as `--set` takes it, every digit of it: 0.0005, 128,256, gd."""
    return ",".join(map(as_text, value)) if isinstance(value, list | tuple) else str(value)


@dataclass(frozen=True)
class Setting:
    """One setting. `choices` are those that the form offers at first glance, `on` is the value of a switch
    that is on; a setting with neither stands under "More settings".
    """

    label: str  # on pages and cards
    help: str = ""
    choices: tuple = ()
    on: float = 0.0
    show: Callable[[object], str] = as_text
    pair: str = ""  # of two values: what they should be, and how they are written
    live: bool = False  # may it change while a run is in training?
    of_step: bool = True  # does the work of a step depend on it? then the tuner measures anew
    of_tensors: bool = False  # does it make other tensors? then a fork can't change it
    of_length: bool = False  # is it how long the recipe takes, which a run says for itself?

    @property
    def at_first_glance(self) -> bool:
        """Does the form show it without being asked for more?"""
        return bool(self.choices or self.on)


def settings_of(model: type[BaseModel]) -> dict[str, Setting]:
    """The settings that a model declares, by their field's name, in order."""
    found = {name: _setting_in(field) for name, field in model.model_fields.items()}
    return {name: setting for name, setting in found.items() if setting}


def _setting_in(field: FieldInfo) -> Setting | None:
    return next((part for part in field.metadata if isinstance(part, Setting)), None)


def allowed(model: type[BaseModel], name: str) -> tuple:
    """The values a field allows where it lists them (`Literal`), else nothing."""
    values = get_args(model.model_fields[name].annotation)
    return values if all(isinstance(value, str) for value in values) else ()
