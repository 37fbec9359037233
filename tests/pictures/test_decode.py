"""Strangers' pictures: taken soundly, or refused in a sentence; memory stays bounded."""

import io
import multiprocessing
import re
import struct
import sys
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from gan.errors import Problem
from gan.pictures.decode import MAX_PIXELS, MAX_UPLOAD_BYTES, to_image
from tests.memory import allow

GREY, COLOUR = (1, 28, 28), (3, 16, 24)
CROSS = np.kron(
    np.eye(4, dtype=np.uint8)[:, ::-1] | np.eye(4, dtype=np.uint8), np.full((50, 50), 255, np.uint8)
)


def file_of(picture: Image.Image, kind: str = "PNG", **how) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **how)
    return buffer.getvalue()


def close(pixels: np.ndarray, wanted: np.ndarray, apart: float = 12.0) -> bool:
    return np.abs(pixels.astype(float) - wanted).mean() < apart


@pytest.fixture(scope="module")
def plainly() -> np.ndarray:
    return to_image(file_of(Image.fromarray(CROSS)), GREY)[0]


@pytest.mark.parametrize(
    "kind, mode, how",
    [
        ("PNG", "L", {}),
        ("PNG", "RGB", {}),
        ("PNG", "P", {}),
        ("PNG", "1", {}),
        ("PNG", "I;16", {}),
        ("JPEG", "L", {"quality": 95}),
        ("JPEG", "CMYK", {"quality": 95}),
        ("GIF", "P", {}),
        ("BMP", "RGB", {}),
        ("TIFF", "CMYK", {}),
        ("TIFF", "F", {}),
        ("WEBP", "RGB", {"lossless": True}),
    ],
)
def test_every_usual_kind_of_picture_gives_the_same(plainly, kind, mode, how) -> None:
    picture = Image.fromarray(CROSS)
    if mode == "I;16":
        picture = Image.fromarray(CROSS.astype(np.uint16) * 257)
    elif mode == "F":
        picture = Image.fromarray(CROSS.astype(np.float32) / 255)
    else:
        picture = picture.convert("RGB").convert(mode)
    pixels, notes = to_image(file_of(picture, kind, **how), GREY)
    assert pixels.shape == GREY and pixels.dtype == np.uint8 and not notes
    assert close(pixels, plainly)


def test_colours_stay_colours_and_proportions_are_cut_or_framed() -> None:
    picture = Image.new("RGB", (90, 30), (250, 20, 20))
    picture.paste((20, 20, 250), (0, 0, 10, 30))
    cut, notes = to_image(file_of(picture), COLOUR)
    assert cut.shape == COLOUR and notes == ["cut to its middle"]
    assert close(cut.transpose(1, 2, 0), np.array([250, 20, 20]))
    whole, notes = to_image(file_of(picture), COLOUR, whole=True)
    assert notes == ["framed with a border"]
    assert whole[2, 8, 0] > 200 > 100 > whole[0, 8, 0]  # the blue edge is still there


def test_transparent_parts_are_white_and_light_and_dark_can_be_swapped() -> None:
    picture = Image.new("LA", (40, 40), (0, 0))
    picture.paste((0, 255), (10, 10, 30, 30))
    pixels, notes = to_image(file_of(picture), GREY)
    assert notes == ["its transparent parts white"]
    assert pixels[0, 0, 0] > 240 and pixels[0, 14, 14] < 15
    swapped, _ = to_image(file_of(picture), GREY, negative=True)
    assert swapped[0, 0, 0] < 15 and swapped[0, 14, 14] > 240


def test_of_an_animation_the_first_frame_is_taken(plainly) -> None:
    frames = [Image.fromarray(CROSS), Image.new("L", (200, 200), 128)]
    for kind in ("GIF", "PNG", "WEBP", "TIFF"):
        how = {"lossless": True} if kind == "WEBP" else {}
        content = file_of(frames[0], kind, save_all=True, append_images=frames[1:], **how)
        pixels, notes = to_image(content, GREY)
        assert notes == ["its first frame"] and close(pixels, plainly)


def test_a_photograph_that_lies_on_its_side_is_put_upright() -> None:
    picture = Image.new("L", (40, 40), 0)
    picture.paste(255, (0, 0, 40, 10))
    turned = Image.Exif()
    turned[0x0112] = 6  # turn by 90° clockwise to see it upright
    pixels, _ = to_image(file_of(picture, "JPEG", exif=turned, quality=95), GREY)
    assert pixels[0, 14, 25] > 200 and pixels[0, 14, 3] < 50


def test_a_border_has_the_colour_that_the_picture_s_edge_has_for_the_most_part() -> None:
    """A stroke that reaches the edge does not colour it."""
    picture = Image.new("L", (28, 56), 30)
    picture.paste(250, (10, 0, 18, 56))
    pixels, _ = to_image(file_of(picture), GREY, whole=True)
    assert pixels[0, 14, 1] == pytest.approx(30, abs=3) and pixels[0, 14, 26] == pytest.approx(30, abs=3)
    assert pixels[0, 14, 14] > 200


def bomb(width: int, height: int) -> bytes:
    """A small PNG of a great many black pixels."""
    chunk = lambda kind, content: (  # noqa: E731
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    )
    packer, rows = zlib.compressobj(9), []
    for _ in range(height):
        rows.append(packer.compress(bytes(1 + width)))
    data = b"".join(rows) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "no picture"),
        (b"just some text, renamed to .png\n" * 100, "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (b"%PDF-1.4", "no picture"),
        (b"\x80\x04\x95", "no picture"),
        (file_of(Image.new("L", (1, 1))), "1×1 pixels, too few"),
        (file_of(Image.new("L", (900, 2))), "too few"),
        (bytes(50_000_000), "50 MB"),
        (bytes(MAX_UPLOAD_BYTES + 1), "21 MB; at most 20 MB"),
        (file_of(Image.effect_noise((300, 300), 90))[:20_000], "can't be read"),
        (file_of(Image.effect_noise((300, 300), 90), "GIF")[:9_000], "can't be read|no picture"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "no picture|can't be read"),
        (bomb(10_000, 10_000), "10,000×10,000 pixels; at most 64 million"),
        (bomb(60_000, 20_000), "million pixels"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value[:12],
)
def test_what_is_no_usable_picture_is_refused_in_a_sentence(content, said) -> None:
    with pytest.raises(Problem, match=said):
        to_image(content, GREY)


def test_limits_are_those_that_messages_tell() -> None:
    assert (MAX_UPLOAD_BYTES >> 20, MAX_PIXELS) == (20, 64_000_000)


def test_a_jpeg_of_a_hundred_megapixels_is_taken_at_a_fraction_of_its_size(plainly) -> None:
    large = Image.fromarray(CROSS).resize((10_000, 10_000), Image.Resampling.NEAREST)
    pixels, notes = to_image(file_of(large, "JPEG", quality=50), GREY)
    assert close(pixels, plainly) and not notes


def chained(directories: int) -> bytes:
    """A TIFF of one small picture and a great many directories, each pointing to the next."""
    plain = file_of(Image.new("L", (8, 8)), "TIFF")
    start = struct.unpack("<I", plain[4:8])[0]
    (entries,) = struct.unpack("<H", plain[start : start + 2])
    end = start + 2 + 12 * entries
    chain = bytearray(plain[:end] + struct.pack("<I", len(plain)) + plain[end + 4 :])
    for number in range(directories):
        place = len(chain)
        entry = struct.pack("<HHII", 0x100, 3, 1, 8)
        chain += (
            struct.pack("<H", 1) + entry + struct.pack("<I", place + 18 if number < directories - 1 else 0)
        )
    return bytes(chain)


def test_nobody_counts_the_frames_of_a_file_that_has_a_great_many() -> None:
    """Counting them took minutes for a file of this kind, and nothing else was answered meanwhile."""
    content = chained(200_000)
    before = time.monotonic()
    _, notes = to_image(content, GREY)
    assert notes == ["its first frame"] and time.monotonic() - before < 20


def in_memory(content: bytes, size: int, said: str) -> None:
    """In a process that may take that many bytes more: a refusal with that sentence, or a picture where it is
    empty.
    """
    allow(size)
    answer = ""
    try:
        to_image(content, GREY)
    except Problem as problem:
        answer = str(problem)
    sys.exit(0 if re.search(said or "^$", answer) else answer)


@pytest.mark.skipif(sys.platform != "linux", reason="memory limits are Linux's")
@pytest.mark.parametrize(
    "content, said",
    [
        (bomb(10_000, 10_000), "at most 64 million are read"),
        (bomb(60_000, 20_000), "far more than 64 million"),
        (bomb(8_000, 8_000), ""),
        (file_of(Image.new("L", (10_000, 10_000)), "JPEG"), ""),
        (file_of(Image.new("P", (8_000, 7_900)), "GIF"), ""),
    ],
    ids=["100 MP PNG", "1.2 GP PNG", "64 MP PNG", "100 MP JPEG", "63 MP GIF"],
)
def test_whatever_comes_memory_is_bounded(content, said) -> None:
    """Half a gigabyte is enough for what is read, and what is not read is refused before it is full."""
    process = multiprocessing.get_context("fork").Process(target=in_memory, args=(content, 512 << 20, said))
    process.start()
    process.join(60)
    assert process.exitcode == 0
