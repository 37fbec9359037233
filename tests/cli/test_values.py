"""Numbers on the command line."""

from argparse import ArgumentTypeError

import pytest

from gan.cli.values import seconds, truncation, whole


def test_numbers_within_their_bounds_are_taken() -> None:
    assert whole(1, 9)("9") == 9 and seconds("0.5") == 0.5 and truncation("0") == 0


@pytest.mark.parametrize("text", ["", "0", "10", "1.5", "nan", "many"])
def test_what_is_no_whole_number_in_bounds_is_refused_with_them(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"'{text}' is not a whole number from 1 to 9"):
        whole(1, 9)(text)


@pytest.mark.parametrize("text", ["", "-1", "0", "nan", "inf", "soon"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="a number of seconds above 0"):
        seconds(text)
