"""Events: the very lines that stand in runs' folders, what else may stand there, and how they read."""

import pytest

from gan.runs.events import (
    CheckpointDamaged,
    Event,
    Forked,
    HistoryLost,
    Idle,
    LengthChanged,
    Move,
    SetRate,
    TorchChanged,
    parse,
)

LINES = {  # as runs have held them from the first version on
    '{"step": 3, "what": "set", "key": "g_rate", "old": 0.0002, "new": 1e-05}': (
        SetRate(step=3, key="g_rate", old=2e-4, new=1e-5),
        "lr G 2e-4 → 1e-5",
    ),
    '{"step": 0, "what": "move", "player": "d"}': (Move(step=0, player="d"), "D moved once by hand"),
    '{"step": 7, "what": "torch", "old": "2.14.0", "new": "2.15.0+cpu"}': (
        TorchChanged(step=7, old="2.14.0", new="2.15.0+cpu"),
        "resumed under torch 2.15.0+cpu instead of 2.14.0: bits may differ",
    ),
    '{"step": 7, "what": "damaged", "checkpoint": "00000009"}': (
        CheckpointDamaged(step=7, checkpoint="00000009"),
        "checkpoint 00000009 was damaged: resumed from the one before",
    ),
    '{"step": 20, "what": "length", "old": 2000, "new": 4000}': (
        LengthChanged(step=20, old=2000, new=4000),
        "length 2,000 → 4,000 steps",
    ),
    '{"step": 5, "what": "idle", "minutes": 15}': (
        Idle(step=5, minutes=15),
        "stopped: nobody looked at it for 15 minutes",
    ),
    '{"step": 300, "what": "history", "missing": 1200}': (
        HistoryLost(step=300, missing=1200),
        "the history lacked the 1,200 steps before: the charts have a gap",
    ),
    '{"step": 300, "what": "fork", "run": "mlp-digits-1"}': (
        Forked(step=300, run="mlp-digits-1"),
        "forked from mlp-digits-1",
    ),
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_file_is_read_and_written_byte_for_byte(line: str) -> None:
    event, sentence = LINES[line]
    assert parse(line) == event and event.describe() == sentence
    assert event.line() == line.encode() + b"\n"


def test_an_idle_stop_as_it_was_first_written_is_read() -> None:
    assert parse('{"what": "idle", "minutes": 15, "step": 5}') == Idle(step=5, minutes=15)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[1]",
        '{"step": 1}',
        '{"step": 4, "wh',
        '{"step": 1, "what": "fly"}',
        '{"step": 1, "what": ["set"]}',
        '{"what": "move", "player": "d"}',
        '{"step": true, "what": "move", "player": "d"}',
        '{"step": 1.0, "what": "move", "player": "d"}',
        '{"step": -1, "what": "move", "player": "d"}',
        '{"step": 1, "what": "move", "player": "x"}',
        '{"step": 1, "what": "set", "key": "batch_size", "old": 1, "new": 0.1}',
        '{"step": -1, "what": "set", "key": "g_rate", "old": 0.1, "new": 0.1}',
        '{"step": 100000001, "what": "move", "player": "d"}',
        '{"step": 1, "what": "set", "key": "g_rate", "old": 0.1, "new": 2}',
        '{"step": 1, "what": "set", "key": "g_rate", "old": 0.1, "new": 1e9}',
        '{"step": 1, "what": "set", "key": "g_rate", "old": 0.1, "new": 0}',
        '{"step": 1, "what": "set", "key": "d_rate", "old": 0.1, "new": -1e-4}',
        '{"step": 1, "what": "set", "key": "g_rate", "old": -1e300, "new": 0.1}',
        '{"step": 1, "what": "set", "key": "g_rate", "old": NaN, "new": 0.1}',
        '{"step": 1, "what": "length", "old": 1, "new": ' + "9" * 4000 + "}",
        '{"step": 1, "what": "idle", "minutes": ' + "9" * 4000 + "}",
        '{"step": 1, "what": "history", "missing": ' + "9" * 4000 + "}",
        '{"step": 1, "what": "history", "missing": 0}',
        '{"step": 1, "what": "set", "key": "g_rate", "old": 0.1, "new": NaN}',
        '{"step": 1, "what": "set", "key": "g_rate", "new": 0.1}',
        '{"step": 1, "what": "length", "old": "many", "new": 2}',
        "[" * 100_000,
    ],
)
def test_a_line_that_is_no_event_is_none(line: str) -> None:
    assert parse(line) is None


STRANGERS = '"<b>[x](http://evil) ![y](z) :red[w] `c`</b>' + 100 * "long" + '"'


@pytest.mark.parametrize(
    "fields",
    [
        f'"what": "fork", "run": {STRANGERS}',
        f'"what": "damaged", "checkpoint": {STRANGERS}',
        f'"what": "torch", "old": {STRANGERS}, "new": "2"',
        f'"what": "torch", "old": "2", "new": {STRANGERS}',
    ],
)
def test_a_stranger_s_values_bring_no_markup_and_no_length(fields: str) -> None:
    event = parse(f'{{"step": 1, {fields}}}')
    assert isinstance(event, Event)
    told = event.describe()
    assert not set("<>[]()/`!") & set(told) and len(told) < 140 and "http:" not in told
