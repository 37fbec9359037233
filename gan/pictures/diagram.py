"""The structure of a network as a table and as a picture. No torch: the app draws what a worker has
measured.
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from pydantic import BaseModel

from gan.i18n import t

GENERATOR, DISCRIMINATOR, REAL = "#E8590C", "#1971C2", "#0CA678"
INK, GREY, PAPER, LINE = "#212529", "#868E96", "#FFFFFF", "#DEE2E6"


class Layer(BaseModel, frozen=True):
    """One layer: what it is, its output's shape without the batch, its parameters."""

    name: str
    output: tuple[int, ...]
    trainable: int
    total: int  # trainable, and batch norm's moving statistics

    @property
    def shape(self) -> str:
        """The output's shape as people write it, 128×7×7."""
        return "×".join(f"{size}" for size in self.output)


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
        rows = [("input", self.input, "")] + [(x.name, x.output, f"{x.total:,}") for x in self.layers]
        lines = [self.title, f"{'Layer':<28}{'Output':<16}{'Parameters':>12}", "-" * 56]
        lines += [f"{name:<28}{'×'.join(map(str, shape)):<16}{count:>12}" for name, shape, count in rows]
        return "\n".join([*lines, "-" * 56, f"{self.trainable:,} trainable of {self.total:,}"])


def draw(*structures: Structure, scale: int = 2) -> Image.Image:
    """The networks side by side, a box a layer, top to bottom: an RGB picture."""
    box, gap, width, margin = 34 * scale, 14 * scale, 300 * scale, 20 * scale
    rows = max(len(one.layers) for one in structures) + 1
    height = 2 * margin + 40 * scale + rows * (box + gap)
    picture = Image.new("RGB", (margin + len(structures) * (width + margin), height), PAPER)
    pen = ImageDraw.Draw(picture)
    for column, one in enumerate(structures):
        left, top = margin + column * (width + margin), margin
        pen.text((left, top), one.title, INK, font=_font(18 * scale))
        count = t("{count} parameters", count=f"{one.trainable:,}")
        pen.text((left + width, top + 5 * scale), count, GREY, font=_font(12 * scale), anchor="ra")
        top += 40 * scale
        _box(pen, left, top, width, box, GREY, t("input"), "×".join(map(str, one.input)), scale)
        for layer in one.layers:
            middle = left + width // 2
            pen.line((middle, top + box, middle, top + box + gap), GREY, scale)
            top += box + gap
            colour = one.colour if layer.total else "#ADB5BD"
            _box(pen, left, top, width, box, colour, layer.name, layer.shape, scale)
    return picture


def _box(
    pen, left: int, top: int, width: int, height: int, colour: str, name: str, shape: str, scale: int
) -> None:
    pen.rounded_rectangle((left, top, left + width, top + height), 7 * scale, colour)
    middle = top + height // 2
    pen.text((left + 12 * scale, middle), name, PAPER, font=_font(13 * scale), anchor="lm")
    pen.text((left + width - 12 * scale, middle), shape, PAPER, font=_font(13 * scale), anchor="rm")


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def save_picture(path: str | Path, *structures: Structure) -> Path:
    """Write the picture of one or several networks as PNG; missing folders are made."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(*structures).save(path, format="PNG", optimize=True)
    return path
