"""What a number may be, said once: for the model that holds it, for widgets and for the command line."""

from typing import NamedTuple

from pydantic import Field


class Bounds(NamedTuple):
    """The least and the greatest value of a number, and the one it has unless somebody changes it."""

    least: float
    most: float
    default: float

    def field(self) -> float:
        """A pydantic field that holds such a number."""
        return Field(self.default, ge=self.least, le=self.most)
