"""Why a run in training failed or had to pause."""

import traceback
from contextlib import suppress

from gan.durable import GONE
from gan.errors import Problem, explain, os_errors_as
from gan.places import is_gone
from gan.runs.run import Run

MEMORY_FULL = "The memory is full: choose a smaller batch, or close other programs, and resume."
DISK_REFUSES = "{file} can't be written ({why}): free some space or mend its rights, and resume."
NOT_FORESEEN = "Something went wrong that nobody foresaw ({what}); error.log in the run has it all."


def failure_of(error: Exception, run: Run) -> Problem:
    """An error as a Problem. What nobody foresaw is written in full into the run's error.log."""
    if isinstance(error, FileNotFoundError) and is_gone(run.path):
        return Problem(GONE, folder=run.path)
    try:
        with os_errors_as(DISK_REFUSES, file="The run"):
            raise error
    except Exception as problem:
        found = explain(problem, MEMORY_FULL, NOT_FORESEEN)
    if found.template == NOT_FORESEEN:
        story = "".join(traceback.format_exception(error))
        with suppress(OSError):  # the sentence is told all the same
            (run.path / "error.log").write_bytes(story.encode(errors="backslashreplace"))
    return found
