"""What a worker can be told to do: train a run, look into generators, download a data set."""

import shutil
from time import monotonic

from gan.control.messages import send
from gan.errors import Problem
from gan.runner.loop import Training, explain
from gan.runs.run import Run
from gan.worker import request_queue

PUBLISH_EVERY = 0.25  # seconds between two snapshots
PICTURE_EVERY = 1.0  # seconds between two live pictures, or more where they would take a larger
PICTURE_SHARE = 0.01  # share of the time than this


# --- training ---------------------------------------------------------------------------------------


def train(task: dict, inbox, answers) -> None:
    """Train the run until it ends or the app does. Every problem becomes the run's last snapshot."""
    run = Run(task["run"])
    try:
        with run.owned():
            training = Training.resume(run, task["steps"], beside_browser=True)
            if task.get("paused"):
                training.pause()
            Publisher(training, inbox, answers).run()
    except BrokenPipeError:
        pass  # the app is gone
    except Exception as error:
        problem = explain(error, run)
        if _never_began(run):
            shutil.rmtree(run.path, ignore_errors=True)
        send(answers, {"kind": "snapshot", "state": "failed", "problem": problem})


def _never_began(run: Run) -> bool:
    try:
        return not run.stored_info().begun
    except Problem:
        return not run.exists()


class Publisher:
    """Drives a training: commands in, slices, snapshots out."""

    def __init__(self, training, inbox, answers):
        self.training, self.inbox, self.answers = training, inbox, answers
        self.published = self.next_picture = 0.0
        self.to_step = 0  # steps asked for by hand, still to do while paused
        self.obeyed = 0
        self.ending = False

    def run(self) -> None:
        self.publish(True)
        while not self.ending and self.training.state in ("running", "paused"):
            busy = self.training.state == "running" or self.to_step > 0
            if not busy:
                self.settle()
                if self.training.state == "failed":
                    return
            message = self.inbox.get(wait=not busy)
            if message is not None:
                self.obey(*message)
                self.obeyed += message[0]["do"] != "weights"
                self.publish(True)
            elif self.to_step:
                self.step_by_hand()
            else:
                self.training.tick()
                self.publish(self.training.state != "running")

    def settle(self) -> None:
        """Save what has not been saved yet; whoever asked for the pause has been told of it already."""
        try:
            if self.training.is_unsaved:
                self.training.save()
        except (OSError, Problem) as error:
            self.training.fail(error)
        self.publish(True)

    def step_by_hand(self) -> None:
        self.to_step -= self.training.tick(self.to_step)
        if self.training.state not in ("running", "paused") or self.training.info.problem:
            self.to_step = 0
        self.publish(self.to_step == 0)

    def obey(self, command: dict, _: bytes) -> None:
        """One command; saying it twice changes nothing more."""
        training = self.training
        try:
            match command["do"]:
                case "pause":
                    self.to_step = 0
                    training.pause()
                case "unpause":
                    training.unpause()
                case "step":
                    training.pause()
                    self.to_step += command["steps"]
                case "move":
                    training.pause()
                    training.move(command["player"])
                case "set":
                    training.set_rate(command["key"], command["value"])
                case "save":
                    training.save()
                case "weights":
                    config, weights = training.weights()
                    reply = {"kind": "weights", "id": command["id"], "config": config.decode()}
                    send(self.answers, reply, weights)
                case "stop":
                    training.stop(command.get("event"))
                case "end":
                    training.save()
                    self.ending = True
        except Problem as problem:
            send(self.answers, {"kind": "refused", "problem": str(problem)})
        except OSError as error:
            if command["do"] == "end" or isinstance(error, BrokenPipeError):
                self.ending = True
            else:
                training.fail(error)

    def publish(self, at_once: bool) -> None:
        """Send a snapshot if one is due; a picture comes along now and then and after each command."""
        moment = monotonic()
        if not at_once and moment - self.published < PUBLISH_EVERY:
            return
        self.published = moment
        picture = b""
        if at_once or moment >= self.next_picture:
            picture = self.training.picture()
            self.next_picture = moment + max(PICTURE_EVERY, (monotonic() - moment) / PICTURE_SHARE)
        try:
            self.training.flush()
            send(
                self.answers, {"kind": "snapshot", "obeyed": self.obeyed} | self.training.snapshot(), picture
            )
        except BrokenPipeError:
            pass  # the app is gone; the inbox says so too, and the run is saved then
        except OSError as error:
            self.training.fail(error)
            send(self.answers, {"kind": "snapshot", "obeyed": self.obeyed} | self.training.snapshot())


# --- data -------------------------------------------------------------------------------------------


def download(task: dict, inbox, answers) -> None:
    """Fetch MNIST; the app watches the files grow."""
    from gan.data.mnist import download_mnist  # no other task needs torchvision, which imports for seconds

    try:
        download_mnist()
        send(answers, {"kind": "done"})
    except Problem as problem:
        send(answers, {"kind": "failed", "problem": str(problem)})


TASKS = {"train": train, "view": request_queue.view, "download": download}
