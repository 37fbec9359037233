"""What a viewer is told: a question, or that its answer is no longer wanted."""

from gan.control.messages import Attached, Message


class GeneratorContent(Message):
    """A generator's two files; `raw` leaves its averaged weights aside."""

    config: Attached
    tensors: Attached
    raw: bool


class Ask(Message):
    """A question about the generator of that key; the generator comes along where the viewer may not know it.

    Of waiting questions with the same `slot` only the newest is answered.
    """

    question: dict
    upload: Attached = b""
    slot: str = ""
    key: str = ""
    generator: GeneratorContent | None = None


class Cancel(Message):
    """Give up the question of that number."""

    question: int
