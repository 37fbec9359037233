"""Pictures as files: many small images in one PNG, with a note in it. No torch: arrays come as uint8 (N, H,
W, C).
"""

import struct
from base64 import b64encode
from io import BytesIO
from math import ceil, isqrt

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

NOTE = "gan-workbench"  # the name of the text in which a PNG carries a note
MAX_PICTURE, MAX_SIDE = 4 << 20, 4096  # bytes of a stranger's PNG, and pixels of its sides


def columns_for(count: int) -> int:
    """The side of the smallest square that holds that many images."""
    return isqrt(count - 1) + 1


def grid(images: np.ndarray, columns: int | None = None, scale: int = 4, gap: int = 1) -> Image.Image:
    """Images side by side, row by row, with transparent gaps, each pixel enlarged by a whole factor.

    Enlarged here by nearest neighbour because browsers blur small pictures. `gap` counts pixels before
    enlarging.
    """
    count, height, width, channels = images.shape
    columns = columns or columns_for(count)
    rows = ceil(count / columns)
    sheet = np.zeros(
        (rows * (height + gap) - gap, columns * (width + gap) - gap, 2 if channels == 1 else 4), np.uint8
    )
    for index, image in enumerate(images):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        sheet[top : top + height, left : left + width, :channels] = image
        sheet[top : top + height, left : left + width, -1] = 255
    return Image.fromarray(sheet.repeat(scale, 0).repeat(scale, 1), "LA" if channels == 1 else "RGBA")


def tiles(images: np.ndarray, scale: int) -> list[Image.Image]:
    """Each image for itself, enlarged by a whole factor."""
    return [
        Image.fromarray(image.squeeze(-1) if image.shape[-1] == 1 else image)
        for image in images.repeat(scale, 1).repeat(scale, 2)
    ]


def png(picture: Image.Image, note: str = "") -> bytes:
    """The picture as a PNG file's bytes. A note, in ASCII, is stored in it as the text NOTE."""
    buffer, texts = BytesIO(), PngInfo()
    if note:
        texts.add_text(NOTE, note)
    picture.save(buffer, format="PNG", compress_level=4, pnginfo=texts)
    return buffer.getvalue()


def note_in(content: bytes) -> str:
    """The note that a PNG carries; empty where there is none. Its pixels are not decoded. Raises ValueError
    for what is no PNG.
    """
    try:
        with Image.open(BytesIO(content), formats=["PNG"]) as picture:
            note = picture.info.get(NOTE)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from None
    return note if isinstance(note, str) else ""


def inline_png(content: bytes) -> str:
    """A PNG as a data URI, for a page that holds it without another request."""
    return "data:image/png;base64," + b64encode(content).decode()


def is_png(head: bytes) -> bool:
    """Do these first 24 bytes begin a PNG of at most MAX_SIDE pixels a side? Nothing is decoded."""
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR" or len(head) < 24:
        return False
    return 0 < max(struct.unpack(">II", head[16:24])) <= MAX_SIDE


def grid_png(images: np.ndarray, columns: int | None = None, scale: int = 4, note: str = "") -> bytes:
    """`grid` as a PNG file's bytes."""
    return png(grid(images, columns, scale), note)
