"""Messages through a pipe: what comes out is what went in, in the language of who reads it."""

import io
from math import isnan

import pytest
from pydantic import BaseModel

from gan.control import tasks
from gan.control.commands import End, Pause, Save, SendWeights, Step, Stop, Unpause
from gan.control.messages import receive, send
from gan.control.questions import Invert
from gan.control.replies import Failed, Refused, Snapshot, Weights
from gan.control.requests import Ask, GeneratorContent
from gan.errors import Problem
from gan.runs.events import Idle, Move, SetRate

MESSAGES = [
    tasks.Train(run="/runs/mlp-1", steps=20, paused=True),
    tasks.View(),
    tasks.Download(),
    *(Pause(), Unpause(), Step(steps=10), Save(), Stop(), Stop(event=Idle(minutes=3)), End(), SendWeights()),
    *(SetRate(key="g_rate", new=1e-3), Move(player="d")),
    Snapshot(state="running", step=3, rates={"g_rate": 1e-3}, picture=b"\x89PNG\xff"),
    Weights(config=b"{}", tensors=b"\x00\xff" * 1000),
    Ask(
        question=Invert(content=b"\xffupload", starts=3),
        key="k",
        generator=GeneratorContent(config=b"\xff", tensors=b"t", raw=True),
    ),
]


def through_a_pipe(message: BaseModel, number: int | None = None) -> tuple[BaseModel, int | None] | None:
    pipe = io.BytesIO()
    send(pipe, message, number)
    pipe.seek(0)
    return receive(pipe)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_out_as_it_went_in(message: BaseModel) -> None:
    assert through_a_pipe(message, 7) == (message, 7)


def test_messages_that_follow_each_other_are_kept_apart() -> None:
    pipe = io.BytesIO()
    for number, message in enumerate(MESSAGES):
        send(pipe, message, number)
    pipe.seek(0)
    assert [receive(pipe) for _ in MESSAGES] == [(message, n) for n, message in enumerate(MESSAGES)]
    assert receive(pipe) is None


def test_a_message_cut_off_anywhere_is_the_pipe_s_end() -> None:
    pipe = io.BytesIO()
    send(pipe, Weights(config=b"config", tensors=b"tensors"))
    content = pipe.getvalue()
    assert all(receive(io.BytesIO(content[:length])) is None for length in range(len(content)))


def test_numbers_that_are_not_finite_come_through() -> None:
    snapshot, _ = through_a_pipe(Snapshot(numbers={"g_loss": float("nan"), "d_loss": float("inf")}))
    assert isnan(snapshot.numbers["g_loss"]) and snapshot.numbers["d_loss"] == float("inf")


@pytest.mark.parametrize("kind", [Failed, Refused])
def test_a_problem_is_said_in_the_language_of_who_reads_it(
    kind: type[Failed] | type[Refused], monkeypatch: pytest.MonkeyPatch
) -> None:
    message, _ = through_a_pipe(kind(problem=Problem("Run {name} is gone.", name="mlp-1")))
    assert str(message.problem) == "Run mlp-1 is gone."
    monkeypatch.setattr("gan.errors.t", lambda template, **values: f"translated: {template} {values}")
    assert str(message.problem) == "translated: Run {name} is gone. {'name': 'mlp-1'}"


def test_a_type_that_is_none_of_ours_is_refused() -> None:
    pipe = io.BytesIO()

    class Stranger(BaseModel):
        pass

    send(pipe, Stranger())
    pipe.seek(0)
    with pytest.raises(KeyError):
        receive(pipe)
