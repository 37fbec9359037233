"""The structure of a network as a table and as a picture. No torch: the app draws what a worker has
measured.
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from pydantic import BaseModel

from gan.i18n import t
from gan.pictures.colours import GREY

INK, PAPER, WITHOUT_PARAMETERS = "#212529", "#FFFFFF", "#ADB5BD"


class Layer(BaseModel, frozen=True):
    """One layer: what it is, its output's shape without the batch, its parameters."""

    name: str
    output: tuple[int, ...]
    trainable: int
    total: int  # trainable, and batch norm's moving statistics

    @property
    def shape(self) -> str:
        """The output's shape as people write it, 128×7×7."""
        return _size(self.output)


class Structure(BaseModel, frozen=True):
    """A network's layers in the order of the forward pass."""

    title: str
    colour: str
    input: tuple[int, ...]
    layers: tuple[Layer, ...]

    @property
    def trainable(self) -> int:
        """Parameters that gradients move."""
        return sum(layer.trainable for layer in self.layers)

    @property
    def total(self) -> int:
        """Trainable parameters and moving statistics."""
        return sum(layer.total for layer in self.layers)

    def __str__(self) -> str:
        rows = [("Layer", "Output", "Parameters"), ("input", _size(self.input), "")]
        rows += [(layer.name, layer.shape, f"{layer.total:,}") for layer in self.layers]
        head, *body = [f"{name:<28}{shape:<16}{count:>12}" for name, shape, count in rows]
        rule = "-" * 56
        end = f"{self.trainable:,} trainable of {self.total:,}"
        return "\n".join([self.title, head, rule, *body, rule, end])


def draw(*structures: Structure, scale: int = 2) -> Image.Image:
    """The networks side by side, a box a layer, top to bottom: an RGB picture."""
    box, gap, width, margin = 34 * scale, 14 * scale, 300 * scale, 20 * scale
    rows = max(len(structure.layers) for structure in structures) + 1
    height = 2 * margin + 40 * scale + rows * (box + gap)
    picture = Image.new("RGB", (margin + len(structures) * (width + margin), height), PAPER)
    pen = ImageDraw.Draw(picture)
    for column, structure in enumerate(structures):
        left, top = margin + column * (width + margin), margin
        right, middle = left + width, left + width // 2
        pen.text((left, top), structure.title, INK, font=_font(18 * scale))
        count = t("{count} parameters", count=f"{structure.trainable:,}")
        pen.text((right, top + 5 * scale), count, GREY, font=_font(12 * scale), anchor="ra")
        top += 40 * scale
        _box(pen, (left, top, right, top + box), GREY, t("input"), _size(structure.input), scale)
        for layer in structure.layers:
            pen.line((middle, top + box, middle, top + box + gap), GREY, scale)
            top += box + gap
            colour = structure.colour if layer.total else WITHOUT_PARAMETERS
            _box(pen, (left, top, right, top + box), colour, layer.name, layer.shape, scale)
    return picture


def _box(
    pen: ImageDraw.ImageDraw,
    corners: tuple[int, int, int, int],
    colour: str,
    name: str,
    shape: str,
    scale: int,
) -> None:
    left, top, right, bottom = corners
    pen.rounded_rectangle(corners, 7 * scale, colour)
    middle, font = (top + bottom) // 2, _font(13 * scale)
    pen.text((left + 12 * scale, middle), name, PAPER, font=font, anchor="lm")
    pen.text((right - 12 * scale, middle), shape, PAPER, font=font, anchor="rm")


def _size(shape: tuple[int, ...]) -> str:
    """A shape as people write it, 128×7×7."""
    return "×".join(map(str, shape))


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def save_picture(path: str | Path, *structures: Structure) -> Path:
    """Write the picture of one or several networks as PNG; missing folders are made."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(*structures).save(path, format="PNG", optimize=True)
    return path
