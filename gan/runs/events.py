"""What happened to a run beside its steps: a line of events.jsonl each, JSON with the step.

An `Edit` is also the command that asks for it (gan.control.commands): one type from the widget to the file.
Edits are made again when a run resumes from a checkpoint that lies before them; the other events only tell.
"""

import json
import re
from typing import Literal, Protocol, Self

from pydantic import BaseModel, Field, model_validator

from gan.i18n import t
from gan.recipes.fields import rate
from gan.recipes.recipe import MAX_STEPS
from gan.runs.info import RunInfo

LETTERS = {"g_rate": "G", "d_rate": "D"}
LONGEST_VALUE = 64  # characters of a value from a file that somebody else may have written


class Trainer(Protocol):
    """What an edit changes (gan.train.trainer)."""

    def rates(self) -> dict[str, float]: ...
    def set_rates(self, **rates: float) -> None: ...
    def move(self, player: str) -> dict[str, float]: ...


class Training(Protocol):
    """What a command steers (gan.runner.loop)."""

    info: RunInfo
    trainer: Trainer

    def take_steps(self, steps: int) -> None: ...
    def edit(self, edit: "Edit") -> None: ...


class Event(BaseModel, frozen=True):
    """Something that happened. Its fields stand in the file in this order; `step` is None until then."""

    step: int | None = Field(None, ge=0, le=MAX_STEPS, strict=True)
    what: str

    def describe(self) -> str:
        """The event as people read it; what came from the file holds no markup."""
        raise NotImplementedError

    def line(self) -> bytes:
        """The event's line of events.jsonl."""
        return json.dumps(self.model_dump()).encode() + b"\n"


class Edit(Event):
    """Something a user changes in a run in training."""

    def carry_out(self, training: Training) -> None:
        """Do as a command what this asks for. Raises Problem where it can't be."""
        raise NotImplementedError

    def change(self, trainer: Trainer) -> dict[str, float]:
        """Change the trainer, for the first time or again; the numbers of a move, if it was one."""
        raise NotImplementedError


class SetRate(Edit):
    """A learning rate was changed."""

    what: Literal["set"] = "set"
    key: Literal["g_rate", "d_rate"]
    old: float | None = None
    new: float

    @model_validator(mode="after")
    def _can_have_happened(self) -> Self:
        rates = (self.old, self.new)
        if self.step is not None and not all(value is not None and 0 < value <= 1 for value in rates):
            raise ValueError("no run was ever at that rate")
        return self

    def carry_out(self, training: Training) -> None:
        training.info.recipe.with_changes({self.key: self.new})  # refuses what no rate can be
        old = training.trainer.rates()[self.key]
        if self.new != old:
            training.edit(self.model_copy(update={"old": old}))

    def change(self, trainer: Trainer) -> dict[str, float]:
        trainer.set_rates(**{self.key: self.new})
        return {}

    def describe(self) -> str:
        return t(
            "lr {player} {old} → {new}", player=LETTERS[self.key], old=rate(self.old), new=rate(self.new)
        )


class Move(Edit):
    """One player moved alone; the step count stayed."""

    what: Literal["move"] = "move"
    player: Literal["d", "g"]

    def carry_out(self, training: Training) -> None:
        training.take_steps(0)  # pause, but still take the steps that were asked for
        training.edit(self)

    def change(self, trainer: Trainer) -> dict[str, float]:
        return trainer.move(self.player)

    def describe(self) -> str:
        return t("{player} moved once by hand", player=self.player.upper())


class TorchChanged(Event):
    """The run was resumed under another version of torch."""

    what: Literal["torch"] = "torch"
    old: str
    new: str

    def describe(self) -> str:
        old, new = _plain(self.old), _plain(self.new)
        return t("resumed under torch {new} instead of {old}: bits may differ", old=old, new=new)


class CheckpointDamaged(Event):
    """A checkpoint could not be used."""

    what: Literal["damaged"] = "damaged"
    checkpoint: str

    def describe(self) -> str:
        name = _plain(self.checkpoint)
        return t("checkpoint {checkpoint} was damaged: resumed from the one before", checkpoint=name)


class LengthChanged(Event):
    """The run was made longer."""

    what: Literal["length"] = "length"
    old: int = Field(ge=0, le=MAX_STEPS)
    new: int = Field(ge=0, le=MAX_STEPS)

    def describe(self) -> str:
        return t("length {old} → {new} steps", old=f"{self.old:,}", new=f"{self.new:,}")


class Idle(Event):
    """The run was stopped because nobody looked at it."""

    what: Literal["idle"] = "idle"
    minutes: int = Field(ge=0, le=10**9)

    def describe(self) -> str:
        return t("stopped: nobody looked at it for {minutes} minutes", minutes=self.minutes)


class HistoryLost(Event):
    """The history had fewer steps than the checkpoint from which the run was resumed."""

    what: Literal["history"] = "history"
    missing: int = Field(ge=1, le=MAX_STEPS)

    def describe(self) -> str:
        missing = f"{self.missing:,}"
        return t("the history lacked the {missing} steps before: the charts have a gap", missing=missing)


class Forked(Event):
    """The run began as a copy of another one."""

    what: Literal["fork"] = "fork"
    run: str

    def describe(self) -> str:
        return t("forked from {run}", run=_plain(self.run))


EVENTS = (SetRate, Move, TorchChanged, CheckpointDamaged, LengthChanged, Idle, HistoryLost, Forked)
_types = {kind.model_fields["what"].default: kind for kind in EVENTS}


def parse(line: str) -> Event | None:
    """An event's line; None where a crash or a stranger has left something else."""
    try:
        content = json.loads(line)
        event = _types[content["what"]].model_validate(content)
    except (ValueError, KeyError, TypeError, RecursionError):  # pydantic's error is a ValueError
        return None
    return event if event.step is not None else None


def _plain(text: str) -> str:
    """A value from a file as a part of a sentence: short and without markup."""
    return re.sub(r"[^\w.+ -]", " ", text[:LONGEST_VALUE])
