"""Pictures one after the other as a film: GIF with Pillow, MP4 (H.264) with PyAV, PNG files in a ZIP. No
torch.
"""

import zipfile
from collections.abc import Mapping, Sequence
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from PIL import Image

from gan.errors import Problem
from gan.pictures.png import png
from gan.zips import add

MAX_FRAMES = 240  # of a run's film; longer runs are thinned evenly
HOLD = 8  # frames for which the last picture stays, so that one can look at it


def evenly_spaced(steps: Sequence[int], most: int = MAX_FRAMES) -> list[int]:
    """At most that many of the steps, the first and the last among them."""
    if not steps:
        return []
    return [steps[at] for at in np.unique(np.linspace(0, len(steps) - 1, min(most, len(steps))).astype(int))]


def gif(pictures: Sequence[Image.Image], per_second: int = 10, hold: int = HOLD) -> bytes:
    """Pictures of one size as an endless GIF, in grey where none has a colour. A GIF counts time in
    hundredths of a second: frames are so long that the whole film is as long as it should be.
    """
    frames = [_on_white(picture) for picture in pictures]
    if all(picture.mode in ("L", "LA") for picture in pictures) or all(map(_is_grey, frames)):
        frames = [frame.convert("L") for frame in frames]
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
        first = _on_white(pictures[0])
        stream = film.add_stream("libx264", rate=Fraction(per_second))
        stream.width, stream.height = (side + side % 2 for side in first.size)  # H.264 takes even sides only
        stream.pix_fmt, stream.options = "yuv420p", {"crf": "18"}
        for picture in [*pictures, *[pictures[-1]] * (hold - 1)]:
            canvas = Image.new("RGB", (stream.width, stream.height), "white")
            canvas.paste(_on_white(picture))
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
            add(archive, f"{number:04d}.png", png(picture))
    return buffer.getvalue()


KINDS = {"gif": gif, "mp4": mp4, "zip": frames_zip}
ESTIMATE_PARTS, ESTIMATE_FRAMES = 3, 5  # an estimate encodes so many parts of a film, of so many frames


def sample_frames(frames: int) -> list[list[int]]:
    """The numbers of a few frames in a row, at a few places of a film; those of all frames of a short one."""
    if frames <= ESTIMATE_PARTS * ESTIMATE_FRAMES:
        return [list(range(frames))]
    starts = np.linspace(0, frames - ESTIMATE_FRAMES, ESTIMATE_PARTS).astype(int)
    return [list(range(start, start + ESTIMATE_FRAMES)) for start in starts.tolist()]


def estimate(samples: Sequence[Sequence[Image.Image]], frames: int, kind: str, per_second: int) -> int:
    """About how many bytes a film of that many frames will have, from the pictures of its `sample_frames`."""
    make = KINDS[kind]
    wholes = [len(make(sample, per_second, hold=1)) for sample in samples]
    if len(samples) == 1:
        return wholes[0]
    firsts = [len(make(sample[:1], per_second, hold=1)) for sample in samples]
    each = (sum(wholes) - sum(firsts)) / sum(len(sample) - 1 for sample in samples)
    return round(sum(firsts) / len(firsts) + each * (frames - 1))


def open_pngs(files: Mapping[str, bytes]) -> list[Image.Image]:
    """PNG files, by their names, as pictures. Raises Problem naming one that is damaged."""
    return [_opened(name, content) for name, content in files.items()]


def _opened(name: str, content: bytes) -> Image.Image:
    try:
        Image.open(BytesIO(content)).verify()  # to the end of the file, without decoding it
        return Image.open(BytesIO(content))
    except Exception:  # Pillow has many for a damaged file
        raise Problem("{file} is a damaged picture: remove it, then try again.", file=name) from None


def _on_white(picture: Image.Image) -> Image.Image:
    """A picture on white: films have no transparency worth the name."""
    if picture.mode in ("L", "RGB"):
        return picture.convert("RGB")
    image = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
