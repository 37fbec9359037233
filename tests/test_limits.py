"""Limits: none on a laptop, defaults where strangers share a machine, each to be set."""

import pytest

from gan.errors import Problem
from gan.limits import Limits, check_room, check_steps, is_public, limits
from gan.runs.run import Run


@pytest.fixture(autouse=True)
def no_space(monkeypatch) -> None:
    for name in ("GAN_PUBLIC", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variables", "public"),
    [
        ({}, False),
        ({"GAN_PUBLIC": "1"}, True),
        ({"GAN_PUBLIC": "0"}, False),
        ({"SPACE_ID": "a/b"}, True),
        ({"SPACE_ID": "a/b", "GAN_PUBLIC": "0"}, False),
        ({"GAN_PUBLIC": "true"}, True),
        ({"GAN_PUBLIC": " Yes "}, True),
        ({"GAN_PUBLIC": "ture"}, True),  # what can't be told is taken for the safe one
        ({"SPACE_ID": "a/b", "GAN_PUBLIC": "False"}, False),
        ({"SPACE_ID": "a/b", "GAN_PUBLIC": ""}, True),
    ],
)
def test_a_space_is_public_by_itself_and_a_variable_overrides_it(monkeypatch, variables, public) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_public() == public


def test_a_laptop_has_no_limit_but_one_training_at_once() -> None:
    assert limits() == Limits(None, None, None, None, 1) and limits().sentence() == ""
    check_steps(10**8)


def test_public_mode_has_limits_and_shows_them(monkeypatch) -> None:
    monkeypatch.setenv("GAN_PUBLIC", "1")
    monkeypatch.setenv("GAN_MAX_STEPS", "1234")
    told = limits().sentence()
    assert "1,234 steps a run" in told and "8 runs" in told and "500 MB" in told and "15 min" in told
    with pytest.raises(Problem, match="1,234 steps here, 1,235 are too many"):
        check_steps(1235)


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", " 5", "٣", "9" * 10, "9" * 5000])
def test_a_limit_that_is_no_number_is_named(monkeypatch, text) -> None:
    monkeypatch.setenv("GAN_MAX_IDLE", text)
    with pytest.raises(Problem, match="^GAN_MAX_IDLE is '.{1,40}': set it to a whole number from 1 to"):
        limits()


def test_the_size_of_all_runs_counts_with_the_trash(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GAN_MAX_MEGABYTES", "1")
    run = Run.make(tmp_path / ".trash" / "one")
    (run.path / "history.f32").write_bytes(bytes(1_000_000))
    check_room(tmp_path)
    (run.path / "model.safetensors").write_bytes(bytes(1))
    with pytest.raises(Problem, match="1 MB"):
        check_room(tmp_path)
