"""Data sets by name."""

import re
from pathlib import Path

import pytest

from gan.data import datasets
from gan.data.images import load
from gan.errors import Problem
from gan.recipes.recipe import WORD
from tests.data.mnist_files import FILES, write
from tests.other_user import shut


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


@pytest.mark.parametrize("file", ["train-images-idx3-ubyte", ""])
def test_mnist_of_another_user_is_neither_missing_nor_damaged(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    monkeypatch.setenv("GAN_DATA", str(open_folder))
    raw = open_folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    write(raw, FILES)
    assert len(load("mnist")) == 50
    with shut(raw / file):
        with pytest.raises(Problem, match=r"MNIST/raw.* can't be read .Permission denied.: .*GAN_DATA"):
            load("mnist")
