"""Bounds of a number, said once."""

import pytest
from pydantic import BaseModel, ValidationError

from gan.latent.bounds import Bounds

SPEED = Bounds(1, 50, 24)


class Film(BaseModel):
    speed: float = SPEED.field()


def test_a_field_has_the_default_and_refuses_what_lies_outside() -> None:
    assert Film().speed == 24 and Film(speed=50).speed == 50
    for speed in (0.9, 50.1, float("nan")):
        with pytest.raises(ValidationError):
            Film(speed=speed)
