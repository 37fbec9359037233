"""`python -m gan` as tests call it: in this process, or as a program."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from gan.__main__ import main

HOUSE = Path(__file__).resolve().parents[2]
TINY = ["--recipe", "mlp", "--data", "digits", "--set", "hidden=8,16", "--device", "cpu"]


def command(*arguments) -> list[str]:
    return [sys.executable, "-m", "gan", *map(str, arguments)]


def outcome(*arguments: object) -> tuple[int, str, str]:
    """Run one command in this process: its exit status, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as end:  # argparse's way
            status = end.code
    return status, out.getvalue(), err.getvalue()


def gan(*arguments: object, expect: int = 0) -> str:
    """The stdout of one command, or its stderr where it is expected to fail."""
    status, out, err = outcome(*arguments)
    assert status == expect, err
    return err if expect else out


def program(*arguments) -> subprocess.CompletedProcess:
    """The same as a program of its own."""
    return subprocess.run(command(*arguments), cwd=HOUSE, capture_output=True, text=True, timeout=120)


def report(*arguments) -> dict[str, Any]:
    """The JSON object on the last line."""
    return json.loads(gan(*arguments, "--json").splitlines()[-1])


def train(run, *more, steps=10) -> dict[str, Any]:
    return report("train", *TINY, "--run", run, "--steps", steps, *more)


def refused(*arguments, status=2) -> str:
    """The one sentence on stderr."""
    lines = gan(*arguments, expect=status).strip().splitlines()
    assert lines[-1].startswith(("gan: ", "python -m gan")), lines
    assert len(lines) == 1 or lines[0].startswith("usage: ")  # argparse shows the usage first
    return lines[-1]


def files(run) -> tuple[dict[str, bytes], dict[str, Any]]:
    """All that a run holds, but for what tells one process and moment from another."""
    found = {str(f.relative_to(run)): f.read_bytes() for f in run.rglob("*") if f.is_file()}
    info = json.loads(found.pop("run.json"))
    for key in ("created", "seconds", "pid"):
        info.pop(key)
    return found, info


TRAIN = ["train", *TINY]
