"""What a user can cure is a `Problem`: one sentence that names the thing, its value and the cure.

Whatever else goes wrong becomes one here too: what the system refuses (`os_errors_as`), values that a model
refuses (`first_fault`), and what nobody foresaw (`explain`).
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from pydantic import ValidationError

from gan.i18n import t

UNFORESEEN = "Something went wrong that nobody foresaw ({what}). Try again."
CANNOT_READ = "{file} can't be read ({why}): mend its rights, or name another one."
CANNOT_USE = "{file} can't be used ({why}): mend its rights, or take another place."
NO_TEMPORARY_FOLDER = (
    "No folder for temporary files can be written to: set TMPDIR to one that can, or free some space."
)
LONGEST_REASON = 200  # characters of an unforeseen error


class Problem(Exception):
    """Something the user can cure, said in one sentence: the thing, its value, what to do.

    Pages show it in place of what was asked for; the command line prints it on stderr and exits with 1, or
    with 2 where the request itself was wrong (`misuse`). The sentence is put together when it is read, in the
    reader's language (gan.i18n).
    """

    def __init__(self, template: str, *, misuse: bool = False, **values: object) -> None:
        super().__init__(template)
        self.template, self.values, self.misuse = template, values, misuse

    def __str__(self) -> str:
        return printable(t(self.template, **self.values))  # it may quote a stranger's file

    def to_json(self) -> dict:
        """The sentence as JSON, to be read in another process by somebody of another language."""
        return {"template": self.template, "values": {key: str(value) for key, value in self.values.items()}}

    @classmethod
    def from_json(cls, content: dict) -> Self:
        """The Problem that `to_json` described."""
        return cls(content["template"], **content["values"])


def printable(text: str) -> str:
    """The text with a space for whatever could move a terminal or break a line."""
    return "".join(c if c.isprintable() else " " for c in text)


def reason(error: OSError) -> str:
    """Why the system refused, in its own words."""
    return error.strerror or str(error)


@contextmanager
def os_errors_as(template: str, *, misuse: bool = False, **values: object) -> Iterator[None]:
    """Raise what the system refuses in here as a Problem of that template.

    Beside `values` it may name {why}, and {file}: the file that the system names, or else the one in
    `values`.
    """
    try:
        yield
    except OSError as error:
        known = values | {"file": error.filename or values.get("file", "The file"), "why": reason(error)}
        raise no_temporary_folder(error) or Problem(template, misuse=misuse, **known) from None


def no_temporary_folder(error: OSError) -> Problem | None:
    """The Problem where that error came of having no folder for temporary files."""
    if error.filename or not isinstance(error, FileNotFoundError):
        return None
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        return Problem(NO_TEMPORARY_FOLDER)
    return None


def first_fault(error: ValidationError) -> tuple[str, str]:
    """The first thing a model refused: where it stands ("recipe.g_rate", "it" for the whole), and why."""
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"])) or "it"
    return place, first["msg"].removeprefix("Value error, ")


def explain(error: Exception, memory: str, unforeseen: str = UNFORESEEN) -> Problem:
    """Any error as a Problem. `memory` is the sentence for too little memory, `unforeseen` may
    name {what}.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, MemoryError) or _is_torch_out_of_memory(error):
        return Problem(memory)
    if isinstance(error, OSError):
        if missing := no_temporary_folder(error):
            return missing
        if error.filename:
            return Problem(CANNOT_USE, file=error.filename, why=reason(error))
    first_line = f"{type(error).__name__}: {error}".split("\n")[0]
    return Problem(unforeseen, what=first_line[:LONGEST_REASON])


def _is_torch_out_of_memory(error: Exception) -> bool:
    """Without torch, which this floor does not know: by its name, or by what its CPU allocator says."""
    return type(error).__name__ == "OutOfMemoryError" or "allocate memory" in str(error)
