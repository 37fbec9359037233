"""What a command leaves behind: a file, and a line or one JSON object on stdout."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from gan.durable import writing_to


def write(path: Path, content: bytes | Callable[[Path], object]) -> None:
    """Write a file, or let `content` write it; missing folders are made. Raises Problem where it can't be."""
    with writing_to(path, "{path} can't be written ({why}): mend its rights, or name another place."):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content) if isinstance(content, bytes) else content(path)


def report(options: argparse.Namespace, facts: dict[str, object], line: str) -> None:
    """Print the facts as JSON where --json asks for it, and the line otherwise, if there is one."""
    if options.json or line:
        print(json.dumps(facts) if options.json else line)
