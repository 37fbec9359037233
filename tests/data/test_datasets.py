"""Data sets by name."""

import pytest

from gan.data.images import load
from gan.errors import Problem


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(Problem, match="no data set 'celeba'.*digits, mnist"):
        load("celeba")


def test_missing_mnist_says_where_it_was_looked_for_and_what_to_do(raw) -> None:
    with pytest.raises(Problem, match="download mnist") as told:
        load("mnist")
    assert str(raw.parent.parent) in str(told.value)
