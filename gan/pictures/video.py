"""Pictures one after the other as a film: GIF with Pillow, MP4 (H.264) with PyAV, PNG files in a ZIP. No
torch.
"""

import zipfile
from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from PIL import Image

from gan.pictures.png import png

MOST = 240  # pictures in a film; longer runs are thinned evenly
HOLD = 8  # times the last picture is shown, so that one can look at it


def chosen(steps: Sequence[int], most: int = MOST) -> list[int]:
    """At most that many of the steps, evenly spread, the first and the last among them."""
    at = np.unique(np.linspace(0, len(steps) - 1, min(most, len(steps))).astype(int)) if steps else []
    return [steps[index] for index in at]


def gif(pictures: Sequence[Image.Image], per_second: int = 10, hold: int = HOLD) -> bytes:
    """Pictures of one size as an endless GIF, in grey where none has a colour. A GIF counts time in
    hundredths of a second: frames are so long that the whole film is as long as it should be.
    """
    flat = [_flat(picture) for picture in pictures]
    grey = all(picture.mode in ("L", "LA") for picture in pictures) or all(map(_is_grey, flat))
    frames = [one.convert("L") if grey else one for one in flat]
    ends = [round(100 * (number + 1) / per_second) for number in range(len(frames))]
    durations = [10 * (end - start) for start, end in zip([0, *ends], ends, strict=False)]
    durations[-1] *= hold
    buffer = BytesIO()
    frames[0].save(
        buffer, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=False
    )
    return buffer.getvalue()


def _is_grey(picture: Image.Image) -> bool:
    red, green, blue = picture.split()
    return red.tobytes() == green.tobytes() == blue.tobytes()


def mp4(pictures: Sequence[Image.Image], per_second: int = 10, hold: int = HOLD) -> bytes:
    """Pictures of one size as an MP4 that browsers and slides can play."""
    buffer = BytesIO()
    with av.open(buffer, "w", format="mp4") as film:
        first = _flat(pictures[0])
        stream = film.add_stream("libx264", rate=Fraction(per_second))
        stream.width, stream.height = (side + side % 2 for side in first.size)  # H.264 takes even sides only
        stream.pix_fmt, stream.options = "yuv420p", {"crf": "18"}
        for picture in [*pictures, *[pictures[-1]] * (hold - 1)]:
            canvas = Image.new("RGB", (stream.width, stream.height), "white")
            canvas.paste(_flat(picture))
            for packet in stream.encode(av.VideoFrame.from_image(canvas)):
                film.mux(packet)
        for packet in stream.encode():
            film.mux(packet)
    return buffer.getvalue()


def frames_zip(pictures: Sequence[Image.Image], per_second: int = 0, hold: int = 1) -> bytes:
    """Each picture as a PNG in one ZIP, numbered from 0001; a ZIP has no speed, and holds nothing."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, picture in enumerate(pictures, 1):
            archive.writestr(f"{number:04d}.png", png(picture))
    return buffer.getvalue()


KINDS = {"gif": gif, "mp4": mp4, "zip": frames_zip}
WINDOWS, TRIED = 3, 5  # places of a film, and frames at each, that are encoded for an estimate


def windows(frames: int) -> list[list[int]]:
    """Frames in a row at a few places of a film, by their numbers; all of a short one."""
    if frames <= WINDOWS * TRIED:
        return [list(range(frames))]
    starts = np.linspace(0, frames - TRIED, WINDOWS).astype(int)
    return [list(range(start, start + TRIED)) for start in starts.tolist()]


def estimate(tried: Sequence[Sequence[Image.Image]], frames: int, kind: str, per_second: int) -> int:
    """About how many bytes a film of that many frames will have, from the frames at its `windows`."""
    make = KINDS[kind]
    if len(tried) == 1:
        return len(make(tried[0], per_second, hold=1))
    firsts = [len(make(some[:1], per_second, hold=1)) for some in tried]
    wholes = [len(make(some, per_second, hold=1)) for some in tried]
    more = (sum(wholes) - sum(firsts)) / sum(len(some) - 1 for some in tried)
    return round(sum(firsts) / len(firsts) + more * (frames - 1))


def opened(pictures: Sequence[bytes]) -> list[Image.Image]:
    """PNG files as pictures."""
    return [Image.open(BytesIO(picture)) for picture in pictures]


def _flat(picture: Image.Image) -> Image.Image:
    """A picture on white: films have no transparency worth the name."""
    if picture.mode in ("L", "RGB"):
        return picture.convert("RGB")
    image = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
