"""What a fresh worker is told first: its one task."""

from gan.control.messages import Message


class Task(Message):
    """Something a worker does until the app wants no more of it."""


class Train(Task):
    """Train the run in that folder, up to `steps` where they are given, and from a pause if `paused`."""

    run: str
    steps: int | None = None
    paused: bool = False


class View(Task):
    """Answer questions about generators."""


class Download(Task):
    """Fetch MNIST into the data folder."""
