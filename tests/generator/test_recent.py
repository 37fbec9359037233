"""What was looked at stays: under its own digest, for its own visitor, the newest few."""

import json

import pytest

from gan.errors import Problem
from gan.generator.folder import GeneratorFiles
from gan.generator.recent import SHORT_KEY, keep_recent, recent_in
from gan.generator.store import LIMIT


def weights(number: int) -> GeneratorFiles:
    return GeneratorFiles.of(json.dumps({"number": number}).encode(), b"tensors")


def test_a_generator_comes_back_bit_for_bit_with_what_is_known_of_it(tmp_path) -> None:
    folder = keep_recent(tmp_path, weights(1), "mlp-digits-1", 300)
    (one,) = recent_in(tmp_path)
    assert (one.source, one.step, one.key, one.folder) == (
        "mlp-digits-1",
        300,
        weights(1).key[:SHORT_KEY],
        folder,
    )
    assert one.files() == weights(1)


def test_the_latest_is_first_and_the_oldest_leave(tmp_path) -> None:
    for number in range(LIMIT + 3):
        keep_recent(tmp_path, weights(number), "run", number)
    keep_recent(tmp_path, weights(5), "run", 5)  # looked at again
    steps = [one.step for one in recent_in(tmp_path)]
    assert steps[:2] == [5, LIMIT + 2] and len(steps) == LIMIT and 0 not in steps


def test_what_was_changed_on_the_disk_is_not_believed(tmp_path) -> None:
    folder = keep_recent(tmp_path, weights(1), "run", 1)
    (folder / "model.safetensors").write_bytes(b"others")
    (one,) = recent_in(tmp_path)
    with pytest.raises(Problem, match="changed"):
        one.files()
    assert not recent_in(tmp_path)


def test_damaged_entries_and_strange_folders_are_passed_over(tmp_path) -> None:
    keep_recent(tmp_path, weights(1), "run", 1)
    for name, content in (
        ("0" * SHORT_KEY, "{"),
        ("a" * SHORT_KEY, '{"source": 1}'),
        ("b" * SHORT_KEY, "[]"),
    ):
        (tmp_path / ".recent" / name).mkdir()
        (tmp_path / ".recent" / name / "origin.json").write_text(content)
    (tmp_path / ".recent" / ".half").mkdir()
    assert [one.step for one in recent_in(tmp_path)] == [1]


def test_a_disk_that_refuses_does_not_stop_the_looking(tmp_path) -> None:
    (tmp_path / ".recent").write_text("no folder")
    keep_recent(tmp_path, weights(1), "run", 1)
    assert recent_in(tmp_path) == []


def test_a_visitor_who_has_no_room_left_keeps_nothing(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GAN_MAX_MEGABYTES", "1")
    (tmp_path / "runs.bin").write_bytes(bytes(1_000_000))
    keep_recent(tmp_path, weights(1), "run", 1)
    assert recent_in(tmp_path) == []
