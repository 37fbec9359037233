"""What a viewer is told: a question, or that its answer is no longer wanted."""

from gan.control.messages import AnyMessage, Attached, Message


class GeneratorContent(Message):
    """A generator's two files; `raw` leaves its averaged weights aside."""

    config: Attached
    tensors: Attached
    raw: bool


class Ask(Message):
    """A question about the generator of that key, which comes along where the viewer may not know it."""

    question: AnyMessage  # one of gan.control.questions
    key: str | None = None
    generator: GeneratorContent | None = None


class Cancel(Message):
    """Give up the question of that number."""

    question: int
