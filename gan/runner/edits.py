"""The edits of a run in training: made now, or made again after a resume."""

from gan.runs.events import Edit, Event, SetRate
from gan.runs.run import Run
from gan.train.trainer import Trainer


class Edits:
    """Keeps a run's events.jsonl and its trainer in step: an edit is on the disk before it takes effect, so a
    run that is killed in between makes it again when it is resumed.

    `done` counts the events that the trainer's state contains; those after them wait for their step.
    """

    def __init__(self, run: Run, trainer: Trainer, done: int = 0) -> None:
        self.run, self.trainer, self.done = run, trainer, done
        self.waiting = run.events()[done:]
        self.rates = trainer.rates()  # as the last edit left them

    def steps_to_next(self) -> list[int]:
        """The steps from here to the next edit that waits, if there is one."""
        return [event.step - self.trainer.steps for event in self.waiting[:1]]

    def make_due(self) -> dict[str, float]:
        """Make again what belongs to this step or one before; the numbers of its moves."""
        numbers: dict[str, float] = {}
        while self.waiting and self.waiting[0].step <= self.trainer.steps:
            numbers |= self._apply(self.waiting.pop(0))
        return numbers

    def make(self, event: Event) -> dict[str, float]:
        """Note a new event at this step and make it, if it is an edit; the numbers of a move. Raises OSError
        where the disk refuses, NotFinite where the move breaks the weights.
        """
        event = event.model_copy(update={"step": self.trainer.steps})
        numbers = self.make_due()
        self._note(event)
        return numbers | self._apply(event)

    def _note(self, event: Event) -> None:
        """A new event comes before those that wait; an edit replaces those of the same rate."""
        if not self.waiting:
            self.run.append_event(event)
            return
        key = event.key if isinstance(event, SetRate) else None
        self.waiting = [
            other for other in self.waiting if not (isinstance(other, SetRate) and other.key == key)
        ]
        self.run.write_events([*self.run.events()[: self.done], event, *self.waiting])

    def _apply(self, event: Event) -> dict[str, float]:
        self.done += 1
        if isinstance(event, SetRate):
            self.rates[event.key] = event.new
        return event.change(self.trainer) if isinstance(event, Edit) else {}

    def note_rates_that_went_back(self) -> None:
        """An edit that broke the run was undone together with the weights: that is an event too."""
        for key, rate in self.trainer.rates().items():
            if rate != self.rates[key]:
                edit = SetRate(step=self.trainer.steps, key=key, old=self.rates[key], new=rate)
                self._note(edit)
                self.done += 1
                self.rates[key] = rate
