"""What the app and its workers say to each other through a pipe: a JSON object, and bytes where a picture
comes along.

Each message is two lengths of four bytes, the JSON and the bytes: nothing that is received is ever executed.
"""

import json
import struct
from typing import BinaryIO

LENGTHS = struct.Struct(">II")


def send(pipe: BinaryIO, message: dict, attachment: bytes = b"") -> None:
    """Write one message and flush it. Raises OSError or ValueError where the pipe is closed."""
    text = json.dumps(message).encode()
    pipe.write(LENGTHS.pack(len(text), len(attachment)) + text)
    pipe.write(attachment)
    pipe.flush()


def receive(pipe: BinaryIO) -> tuple[dict, bytes] | None:
    """The next message and its attachment; None at the pipe's end, also in the middle of a message."""
    head = pipe.read(LENGTHS.size)
    if len(head) < LENGTHS.size:
        return None
    length, attached = LENGTHS.unpack(head)
    text, attachment = pipe.read(length), pipe.read(attached)
    if len(text) < length or len(attachment) < attached:
        return None
    return json.loads(text), attachment
