"""A stranger's picture as the generator's kind of image, or a sentence that says what is wrong with it. No
torch; meant for a worker, whose memory is bounded: whatever the file does, the app has not decoded it.
"""

import warnings
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from gan.errors import Problem, explain
from gan.i18n import t

MAX_UPLOAD_BYTES = 20 << 20
MAX_PIXELS = 64_000_000  # 256 MB as RGBA
MIN_SIDE = 4  # pixels
FORMATS = ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]
TOO_LARGE = "The picture takes more memory than there is: make it smaller."
DAMAGED = "The picture can't be read ({what}): it is damaged or unusual, take another file."


def to_image(
    content: bytes, shape: tuple[int, int, int], whole: bool = False, negative: bool = False
) -> tuple[np.ndarray, list[str]]:
    """The picture as uint8 (C, H, W) and what had to be done to it, in sentences.

    `whole` keeps all of it, with a border; otherwise its middle is cut to the generator's proportions.
    `negative` swaps light and dark: digits on paper are dark, MNIST's are light. Raises Problem.
    """
    if len(content) > MAX_UPLOAD_BYTES:
        message = "The picture has {size} MB; at most {most} MB are read: make it smaller."
        raise Problem(message, size=round(len(content) / 1e6), most=MAX_UPLOAD_BYTES >> 20)
    channels, height, width = shape
    picture, notes = _decode(content, (width, height), "L" if channels == 1 else "RGB")
    if negative:
        picture = ImageOps.invert(picture)
    if whole:
        border = int(np.median(_edge(np.asarray(picture))))
        fitted = ImageOps.pad(picture, (width, height), Image.Resampling.LANCZOS, color=(border,) * channels)
    else:
        fitted = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)
    if picture.width * height != picture.height * width:
        notes.append(t("framed with a border") if whole else t("cut to its middle"))
    pixels = np.asarray(fitted, np.uint8).reshape(height, width, channels)
    return pixels.transpose(2, 0, 1).copy(), notes


def _edge(pixels: np.ndarray) -> np.ndarray:
    """The outermost pixels."""
    sides = (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])
    return np.concatenate([side.reshape(-1) for side in sides])


def _decode(content: bytes, aim: tuple[int, int], mode: str) -> tuple[Image.Image, list[str]]:
    """The first frame, upright, without transparency, in that mode; and notes as `to_image` returns them."""
    notes = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own limit comes as a warning; ours is below
            picture = Image.open(BytesIO(content), formats=FORMATS)
            _check_size(picture.size)
            if picture.format == "JPEG":  # decoded at a fraction of its size where that is still larger
                picture.draft(None, tuple(4 * side for side in aim))
            if picture.width * picture.height > MAX_PIXELS:
                _refuse_pixels(picture.size)
            if _has_more_frames(picture):
                notes.append(t("its first frame"))
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            return _flatten(upright, notes).convert(mode), notes
    except UnidentifiedImageError:
        message = "This is no picture that can be read: take a PNG, JPEG, GIF, BMP, TIFF or WebP file."
        raise Problem(message) from None
    except Image.DecompressionBombError:
        message = "The picture has far more than {most} million pixels: make it smaller."
        raise Problem(message, most=MAX_PIXELS // 10**6) from None
    except Exception as error:  # whatever a decoder trips over: they have many ways
        raise explain(error, TOO_LARGE, DAMAGED) from None


def _has_more_frames(picture: Image.Image) -> bool:
    """Is there a second frame? Nobody counts them: a small file can chain a great many."""
    if picture.format not in ("GIF", "PNG", "TIFF", "WEBP"):
        return False
    try:
        picture.seek(1)
    except EOFError:
        return False
    except Exception:  # there is one, and it is damaged: the first may be whole all the same
        return True
    finally:
        picture.seek(0)
    return True


def _check_size(size: tuple[int, int]) -> None:
    if min(size) < MIN_SIDE:
        message = "The picture has {width}×{height} pixels, too few to find anything: take a larger one."
        raise Problem(message, width=size[0], height=size[1])


def _refuse_pixels(size: tuple[int, int]) -> None:
    width, height = (f"{side:,}" for side in size)
    message = "The picture has {width}×{height} pixels; at most {most} million are read: make it smaller."
    raise Problem(message, width=width, height=height, most=MAX_PIXELS // 10**6)


def _flatten(picture: Image.Image, notes: list[str]) -> Image.Image:
    """Transparency laid over white, as pages show it; deep greys brought to 8 bits by their own range."""
    if picture.mode in ("I", "F", "I;16", "I;16B", "I;16L"):
        values = np.nan_to_num(np.asarray(picture, np.float32))
        span = float(np.ptp(values)) or 1.0
        return Image.fromarray(((values - values.min()) * (255 / span)).astype(np.uint8))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        if picture.getextrema()[3][0] < 255:
            notes.append(t("its transparent parts white"))
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture
