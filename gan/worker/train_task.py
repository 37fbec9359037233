"""The tasks a worker may get, and the first of them: to train a run."""

import os
import shutil
from contextlib import suppress
from time import monotonic
from typing import BinaryIO

from pydantic import BaseModel

from gan.control import tasks
from gan.control.messages import send
from gan.control.replies import Downloaded, Failed, Refused
from gan.errors import Problem, explain
from gan.jobs import MEMORY_FULL
from gan.runner import start
from gan.runner.failure import failure_of
from gan.runner.loop import Training
from gan.runs.run import Run
from gan.worker import request_queue
from gan.worker.inbox import Inbox

PUBLISH_EVERY = 0.25  # seconds between two snapshots
# Seconds between two live pictures, or more where drawing would take a larger share of the time.
PICTURE_EVERY = 1.0
PICTURE_SHARE = 0.01
NICENESS = 10  # by which training stands back where the page, or who draws for it, needs the processor too


def train(task: tasks.Train, inbox: Inbox, replies: BinaryIO) -> None:
    """Train the run until it ends or the app does."""
    inbox.must_save = True
    if hasattr(os, "nice"):  # Windows has none
        os.nice(NICENESS)  # before the first product: torch's threads inherit it from this one
    run, is_ours = Run(task.run), False
    try:
        with run.owned():
            is_ours = True
            training = start.resume(run, task.steps, beside_browser=True)
            if task.paused:
                training.pause()
            Driver(training, inbox, replies).drive()
    except BrokenPipeError:
        pass  # the app is gone
    except Exception as error:
        problem = failure_of(error, run)
        if is_ours and _never_began(run):
            shutil.rmtree(run.path, ignore_errors=True)
        send(replies, Failed(problem=problem))


def _never_began(run: Run) -> bool:
    """Does its run.json say so? One that is gone or can't be read says nothing."""
    try:
        return not run.stored_info().begun
    except Problem:
        return False


class Driver:
    """Drives a training: commands in, slices, snapshots out."""

    def __init__(self, training: Training, inbox: Inbox, replies: BinaryIO) -> None:
        self.training, self.inbox, self.replies = training, inbox, replies
        self.next_snapshot = self.next_picture = 0.0
        self.commands_done = 0

    def drive(self) -> None:
        """Until the run is over."""
        self.publish()
        while not self.training.is_over:
            if not self.training.is_busy:
                self.save_in_pause()
                if self.training.is_over:
                    return
            received = self.inbox.get(wait=not self.training.is_busy)
            if received is not None:
                self.carry_out(*received)
                self.publish()
            else:
                self.training.tick()
                self.publish(only_if_due=self.training.is_busy)

    def save_in_pause(self) -> None:
        """Save what has not been saved yet. Whoever asked for the pause has seen it by now."""
        try:
            if self.training.is_unsaved:
                self.training.save()
        except (OSError, Problem) as error:
            self.training.fail(error)
        self.publish()

    def carry_out(self, command: BaseModel, number: int | None) -> None:
        """One command; the same one twice changes nothing more."""
        try:
            reply = command.carry_out(self.training)
        except Problem as problem:
            reply = Refused(problem=problem) if number is None else Failed(problem=problem)
        except OSError as error:
            self.training.fail(error)
            reply = None
        if reply:
            self.send(reply, number)
        self.commands_done += number is None  # the others are waited for by their number

    def publish(self, only_if_due: bool = False) -> None:
        """Send a snapshot; a picture comes along now and then, and after each command."""
        moment = monotonic()
        if only_if_due and moment < self.next_snapshot:
            return
        self.next_snapshot = moment + PUBLISH_EVERY
        picture = b""
        if not only_if_due or moment >= self.next_picture:
            picture = self.training.picture()
            self.next_picture = moment + max(PICTURE_EVERY, (monotonic() - moment) / PICTURE_SHARE)
        try:
            self.training.record.flush()
        except OSError as error:
            self.training.fail(error)
        news = {"commands_done": self.commands_done, "picture": picture}
        self.send(self.training.snapshot().model_copy(update=news))

    def send(self, message: BaseModel, number: int | None = None) -> None:
        """Send to the app, if it is there still: if not, the inbox says so too, and the run is saved then."""
        with suppress(BrokenPipeError):
            send(self.replies, message, number)


def download(task: tasks.Download, inbox: Inbox, replies: BinaryIO) -> None:
    """Fetch MNIST; the app watches the files grow."""
    try:
        from gan.data.mnist import (
            download_mnist,  # no other task needs torchvision, which imports for seconds
        )

        download_mnist()
        send(replies, Downloaded())
    except (Problem, OSError) as error:
        send(replies, Failed(problem=explain(error, MEMORY_FULL)))


TASKS = {tasks.Train: train, tasks.View: request_queue.view, tasks.Download: download}
