"""What a worker says to the app, beside the answers to questions (gan.control.questions). To a question it
says any number of `Report`s and then one thing more.
"""

from pydantic import Field

from gan.control.messages import Attached, Message, Sentence
from gan.runs.info import ALIVE


class Ready(Message):
    """torch is imported, and a task can come."""

    devices: tuple[str, ...]
    torch: str


class Failed(Message):
    """The task, or the answer to a question, came to nothing."""

    problem: Sentence


class Refused(Message):
    """A command was not carried out; all else goes on."""

    problem: Sentence


class Snapshot(Message):
    """How a run stands. What is large (history, kept pictures, events) is in its folder."""

    state: str = "queued"
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    speed: float = 0.0
    rates: dict[str, float] = Field(default_factory=dict)
    numbers: dict[str, float] = Field(default_factory=dict)
    saved: int = 0
    problem: Sentence | None = None
    commands_done: int = 0  # commands its process has carried out or refused
    picture: Attached = b""  # the fixed latents now, as PNG
    number: int = 0  # counts the snapshots of a RunHandle

    @property
    def alive(self) -> bool:
        """Does somebody train the run?"""
        return self.state in ALIVE


class Weights(Message):
    """A generator: the contents of its `config.json` and `model.safetensors`."""

    config: Attached
    tensors: Attached


class Downloaded(Message):
    """The data set is in the data folder."""


class Superseded(Message):
    """Nobody waits for this answer any more: a newer question of the same slot has come."""


class GeneratorUnknown(Message):
    """The viewer was not given the question's generator, or has forgotten it."""


class WorkCancelled(Message):
    """The work was given up, as somebody wished."""
