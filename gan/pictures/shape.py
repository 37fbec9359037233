"""The size of a picture as one value. No torch."""

from typing import NamedTuple


class ImageShape(NamedTuple):
    """Channels, height and width, in this order; JSON keeps them as a list."""

    channels: int
    height: int
    width: int

    @property
    def side(self) -> int:
        """The longer of height and width."""
        return max(self.height, self.width)

    def scale_to(self, pixels: int) -> int:
        """The whole factor that makes a picture about that many pixels wide or high, at least 1."""
        return max(1, pixels // self.side)

    def __str__(self) -> str:
        return "×".join(map(str, self))
