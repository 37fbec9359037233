"""What the app and its workers say to each other through a pipe: frozen, typed messages as JSON and bytes.

A frame is the length of its JSON in four bytes, the JSON, and the message's `Attached` values one behind the
other. The JSON names the message's type, which must be one of ours: nothing that is received is executed.
"""

import json
import struct
from collections.abc import Iterator
from typing import Annotated, BinaryIO

from pydantic import (
    BaseModel,
    BeforeValidator,
    PlainSerializer,
    PlainValidator,
    SerializationInfo,
    ValidationInfo,
)

from gan.errors import Problem
from gan.runs.events import Edit

LENGTH = struct.Struct(">I")


class Message(BaseModel, frozen=True, extra="forbid"):
    """What can go through the pipe."""


class UnknownMessage(Message):
    """Inside another message, one whose type this process does not know: who answers it says so."""

    name: str
    slot: str = ""


def _set_aside(value: bytes, info: SerializationInfo) -> int:
    """Put the bytes beside the JSON, which gets their place in the row."""
    info.context.append(value)
    return len(info.context) - 1


def _put_back(value: bytes | int, info: ValidationInfo) -> bytes:
    return info.context[value] if isinstance(value, int) else value


def _problem(value: Problem | dict | str) -> Problem:
    """A Problem, one that crosses as JSON, or one that stands in a file as a sentence."""
    if isinstance(value, str):
        return Problem("{sentence}", sentence=value)
    return value if isinstance(value, Problem) else Problem.from_json(value)


def _dump(message: BaseModel, info: SerializationInfo) -> dict:
    return {"type": _name(type(message)), "fields": message.model_dump(mode="json", context=info.context)}


def _load(value: BaseModel | dict, info: ValidationInfo) -> BaseModel:
    if isinstance(value, BaseModel):
        return value
    try:
        kind = _type_called(value["type"])
    except KeyError:
        return UnknownMessage(name=value["type"])
    return kind.model_validate(value["fields"], context=info.context)


# Types of fields: a message of whichever type inside another one, bytes that travel behind the JSON, and a
# Problem, which is said in its reader's language.
AnyMessage = Annotated[Message, PlainValidator(_load), PlainSerializer(_dump)]
Attached = Annotated[bytes, PlainSerializer(_set_aside), BeforeValidator(_put_back)]
Sentence = Annotated[Problem, PlainValidator(_problem), PlainSerializer(Problem.to_json)]

_types: dict[str, type[BaseModel]] = {}


def _type_called(name: str) -> type[BaseModel]:
    """The message type of that name: a subclass of Message that is imported, or an edit of a run."""
    if name not in _types:
        _types.update({_name(kind): kind for base in (Message, Edit) for kind in _subclasses(base)})
    return _types[name]


def _name(kind: type[BaseModel]) -> str:
    return f"{kind.__module__}.{kind.__name__}"


def _subclasses(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _subclasses(kind)


def send(pipe: BinaryIO, message: BaseModel, number: int | None = None) -> None:
    """Write one message and flush it; `number` ties a question and its answers together.

    Raises OSError or ValueError where the pipe is closed.
    """
    attached: list[bytes] = []
    frame = {"fields": message.model_dump(mode="json", context=attached)}
    frame |= {"type": _name(type(message)), "number": number, "sizes": [len(part) for part in attached]}
    text = json.dumps(frame).encode()
    pipe.write(LENGTH.pack(len(text)) + text)
    for part in attached:
        pipe.write(part)
    pipe.flush()


def receive(pipe: BinaryIO) -> tuple[BaseModel, int | None] | None:
    """The next message and its number; None at the pipe's end, also in the middle of a message."""
    try:
        (length,) = LENGTH.unpack(_read(pipe, LENGTH.size))
        frame = json.loads(_read(pipe, length))
        attached = [_read(pipe, size) for size in frame["sizes"]]
    except EOFError:
        return None
    message = _type_called(frame["type"]).model_validate(frame["fields"], context=attached)
    return message, frame["number"]


def _read(pipe: BinaryIO, size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content
