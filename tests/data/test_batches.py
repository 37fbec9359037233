"""Batches: in which order images come."""

import pytest
import torch

from gan.data.batches import Batches
from gan.data.images import to_pixels


def numbered(count: int) -> torch.Tensor:
    """Images that can be told apart by their grey."""
    return torch.arange(count, dtype=torch.uint8).view(-1, 1, 1, 1)


def names(batch: torch.Tensor) -> list[int]:
    return to_pixels(batch).flatten().tolist()


def test_an_epoch_shows_each_image_once_and_keeps_its_short_last_batch() -> None:
    batches = Batches(numbered(10), 4, "epochs", seed=0)
    first, second = ([names(next(batches)) for _ in range(3)] for _ in range(2))
    for epoch in (first, second):
        assert [len(batch) for batch in epoch] == [4, 4, 2]
        assert sorted(sum(epoch, [])) == list(range(10))
    assert first != second


def test_full_batches_drop_the_short_last_one() -> None:
    batches = Batches(numbered(10), 4, "full-batches", seed=0)
    for _ in range(3):
        epoch = sum((names(next(batches)) for _ in range(2)), [])
        assert len(set(epoch)) == 8


def test_drawing_with_replacement_repeats_images() -> None:
    batches = Batches(numbered(10), 10, "replacement", seed=0)
    assert any(len(set(names(next(batches)))) < 10 for _ in range(3))


@pytest.mark.parametrize("drawing", ["epochs", "full-batches", "replacement"])
@pytest.mark.parametrize("before", [0, 1, 2, 3, 7])
def test_a_drawing_goes_on_where_it_stood(drawing, before) -> None:
    batches = Batches(numbered(10), 4, drawing, seed=3)
    for _ in range(before):
        next(batches)
    state = {key: value.clone() for key, value in batches.state_dict().items()}
    expected = [names(next(batches)) for _ in range(8)]
    other = Batches(numbered(10), 4, drawing, seed=99)
    other.load_state_dict(state)
    assert [names(next(other)) for _ in range(8)] == expected


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    drawn = [names(next(Batches(numbered(100), 50, "epochs", seed))) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
