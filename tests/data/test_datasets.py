"""Data sets by name."""

import re

import pytest

from gan.data import datasets
from gan.data.images import load
from gan.errors import Problem
from gan.recipes.recipe import WORD


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(Problem, match="no data set 'celeba'.*digits, mnist"):
        load("celeba")


def test_missing_mnist_says_where_it_was_looked_for_and_what_to_do(raw) -> None:
    with pytest.raises(Problem, match="download mnist") as told:
        load("mnist")
    assert str(raw.parent.parent) in str(told.value)


def test_images_that_only_bear_a_data_set_s_name_are_passed_on_as_that() -> None:
    other = datasets.origin("mnist", known=False)
    assert datasets.title(other) == "files named like MNIST's" and re.fullmatch(WORD, other)
    assert datasets.origin("mnist", known=True) == "mnist" and datasets.title("mnist") == "MNIST"
    assert datasets.count(other) is None
    with pytest.raises(Problem, match="no data set 'files named like MNIST'"):
        datasets.check(other)
