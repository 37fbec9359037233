"""What the Hub may do instead of answering."""

import time
from collections.abc import Callable

from tests.hub_server.connection import Connection

Do = Callable[[Connection], bool]  # has it answered, or hung up?


def status(code: int, message: str = "", **headers: str) -> Do:
    """Answer with a status."""

    def do(handler: Connection) -> bool:
        handler.read()
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        handler.answer(code, {"error": message} if message else {}, named)
        return True

    return do


def hang_up(handler: Connection) -> bool:
    """Close the connection without a word, the request's body half read."""
    handler.rfile.read1(1000) if int(handler.headers.get("Content-Length") or 0) else None
    handler.cut()
    return True


def silence(seconds: float) -> Do:
    """Say nothing for that long, then hang up."""

    def do(handler: Connection) -> bool:
        time.sleep(seconds)
        handler.cut()
        return True

    return do


def deaf(handler: Connection) -> bool:
    """Do what is asked, then hang up without saying so."""
    handler.mute = True
    return False


def torn(share: float = 0.5) -> Do:
    """Send the beginning of a file, then hang up."""

    def do(handler: Connection) -> bool:
        handler.tear = share
        return False

    return do
