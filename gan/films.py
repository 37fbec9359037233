"""Pictures one after the other as a film: GIF with Pillow, MP4 (H.264) with PyAV. No torch."""

from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from PIL import Image

MOST = 240  # pictures in a film; longer runs are thinned evenly
HOLD = 8  # times the last picture is shown, so that one can look at it


def chosen(steps: Sequence[int], most: int = MOST) -> list[int]:
    """At most that many of the steps, evenly spread, the first and the last among them."""
    at = np.unique(np.linspace(0, len(steps) - 1, min(most, len(steps))).astype(int)) if steps else []
    return [steps[index] for index in at]


def gif(pictures: Sequence[bytes], per_second: int = 10) -> bytes:
    """PNG files of one size as an endless GIF."""
    frames = [_flat(picture).convert("L") for picture in pictures]
    durations = [1000 // per_second] * (len(frames) - 1) + [1000 * HOLD // per_second]
    buffer = BytesIO()
    frames[0].save(
        buffer, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=False
    )
    return buffer.getvalue()


def mp4(pictures: Sequence[bytes], per_second: int = 10) -> bytes:
    """PNG files of one size as an MP4 that browsers and slides can play."""
    buffer = BytesIO()
    with av.open(buffer, "w", format="mp4") as film:
        first = _flat(pictures[0])
        stream = film.add_stream("libx264", rate=Fraction(per_second))
        stream.width, stream.height = (side + side % 2 for side in first.size)  # H.264 takes even sides only
        stream.pix_fmt, stream.options = "yuv420p", {"crf": "18"}
        for picture in [*pictures, *[pictures[-1]] * (HOLD - 1)]:
            canvas = Image.new("RGB", (stream.width, stream.height), "white")
            canvas.paste(_flat(picture))
            for packet in stream.encode(av.VideoFrame.from_image(canvas)):
                film.mux(packet)
        for packet in stream.encode():
            film.mux(packet)
    return buffer.getvalue()


def _flat(picture: bytes) -> Image.Image:
    """A PNG on white: films have no transparency worth the name."""
    image = Image.open(BytesIO(picture)).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
