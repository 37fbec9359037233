"""Limits: none on a laptop, defaults where strangers share a machine, each to be set."""

import shutil

import pytest

from gan.errors import Problem
from gan.limits import SPARE_BYTES, Limits, check_room, check_space, check_steps, is_public, limits
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


def test_exactly_the_most_that_is_allowed_is_allowed(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GAN_MAX_STEPS", "1234")
    monkeypatch.setenv("GAN_MAX_RUNS", "2")
    monkeypatch.setenv("GAN_MAX_MEGABYTES", "1")
    check_steps(1234)
    for number in range(2):
        check_room(tmp_path)
        (tmp_path / f"run-{number}").mkdir()
        (tmp_path / f"run-{number}" / "run.json").write_bytes(bytes(100_000))
    check_space(tmp_path, 800_000)
    with pytest.raises(Problem, match="more than the 1 MB"):
        check_space(tmp_path, 800_001)
    with pytest.raises(Problem, match="You have 2 runs"):
        check_room(tmp_path)


def test_generators_that_were_only_looked_at_do_not_count(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GAN_MAX_MEGABYTES", "1")
    for name in (".recent", ".pulled"):
        (tmp_path / name / "one").mkdir(parents=True)
    (tmp_path / ".recent" / "one" / "model.safetensors").write_bytes(bytes(5_000_000))
    check_space(tmp_path, 1_000_000)
    (tmp_path / ".pulled" / "one" / "model.safetensors").write_bytes(bytes(1))
    with pytest.raises(Problem, match="more than the 1 MB"):
        check_space(tmp_path, 1_000_000)


@pytest.mark.parametrize(("free", "more"), [(SPARE_BYTES, 0), (SPARE_BYTES + 1000, 1000)])
def test_visitors_leave_some_of_the_disk_free(monkeypatch, tmp_path, free: int, more: int) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setenv("GAN_MAX_MEGABYTES", "1000")
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage._replace(free=free))
    check_space(tmp_path / "not made yet", more)
    with pytest.raises(Problem, match="disk is nearly full"):
        check_space(tmp_path / "not made yet", more + 1)
    monkeypatch.delenv("GAN_MAX_MEGABYTES")
    check_space(tmp_path, more + 1)  # a laptop's owner may fill it
