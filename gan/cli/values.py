"""Types for argparse: numbers in bounds."""

import argparse
from collections.abc import Callable

from gan.i18n import t
from gan.latent.view import TRUNCATION


def whole(least: int, most: int) -> Callable[[str], int]:
    """A type for argparse: a whole number in bounds."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or not least <= value <= most:
            raise argparse.ArgumentTypeError(
                t("'{text}' is not a whole number from {least} to {most}", text=text, least=least, most=most)
            )
        return value

    return convert


def number(text: str, least: float, most: float, meaning: str) -> float:
    """A number in bounds, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(t("'{text}' is not {meaning}", text=text, meaning=meaning))
    return value


def seconds(text: str) -> float:
    """A number of seconds, for argparse."""
    return number(text, 0.001, 1e9, t("a number of seconds above 0"))


def truncation(text: str) -> float:
    """A truncation, for argparse."""
    least, most, _ = TRUNCATION
    return number(text, least, most, t("a number from {least:g} to {most:g}", least=least, most=most))
