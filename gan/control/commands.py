"""What a run in training can be told: each command is its type and what it does to the training.

Two more stand in gan.runs.events, as they are events too: SetRate and Move. `RunHandle.send` takes any of
them at any time; the same command twice changes nothing more.
"""

from typing import Protocol

from gan.control.messages import Message
from gan.control.replies import Weights
from gan.runs.events import Event, Idle


class Training(Protocol):
    """A run in training (gan.runner.loop), which carries commands out between two steps."""

    def pause(self) -> None: ...
    def unpause(self) -> None: ...
    def take_steps(self, steps: int) -> None: ...
    def save(self) -> None: ...
    def stop(self, event: Event | None) -> None: ...
    def end(self) -> None: ...
    def weights(self) -> tuple[bytes, bytes]: ...


class Command(Message):
    """Something a run in training is told."""

    def carry_out(self, training: Training) -> Message | None:
        """Do it; what it returns is sent back. Raises Problem where it can't be, OSError where the disk
        refuses.
        """
        raise NotImplementedError


class Pause(Command):
    """Hold at the next step."""

    def carry_out(self, training: Training) -> None:
        training.pause()


class Unpause(Command):
    """Run again after a pause."""

    def carry_out(self, training: Training) -> None:
        training.unpause()


class Step(Command):
    """Pause, and take that many steps."""

    steps: int = 1

    def carry_out(self, training: Training) -> None:
        training.take_steps(self.steps)


class Save(Command):
    """Write a checkpoint and the generator now."""

    def carry_out(self, training: Training) -> None:
        training.save()


class Stop(Command):
    """Save, and end the run. `event` says why, where no user asked for it."""

    event: Idle | None = None

    def carry_out(self, training: Training) -> None:
        training.stop(self.event)


class End(Command):
    """Save, and end the process: the app is gone, or wants it to. The run is interrupted then."""

    def carry_out(self, training: Training) -> None:
        training.end()


class SendWeights(Command):
    """Send the generator as it is now."""

    def carry_out(self, training: Training) -> Weights:
        config, tensors = training.weights()
        return Weights(config=config, tensors=tensors)
