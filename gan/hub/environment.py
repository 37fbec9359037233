"""What huggingface_hub takes from the environment: some of it would end its import in a traceback, and some
would make the Hub look guilty.
"""

import importlib
import os
import re
import warnings
from collections.abc import Callable

from gan.errors import Problem
from gan.network import check_connection, is_address, shown


def _is_count(value: str) -> bool:
    return bool(re.fullmatch("[0-9]{1,6}", value))


def _fits_a_header(value: str) -> bool:
    return value.isascii() and value.isprintable()


# A variable, what its value must be, and the form that a reader is told.
FORMS: dict[str, tuple[Callable[[str], bool], str]] = {
    "HF_ENDPOINT": (is_address, "https://host"),
    "HF_HUB_ETAG_TIMEOUT": (_is_count, "a whole number of seconds"),
    "HF_HUB_DOWNLOAD_TIMEOUT": (_is_count, "a whole number of seconds"),
    "HF_HUB_USER_AGENT_ORIGIN": (_fits_a_header, "plain letters and digits"),
}


def import_client() -> None:
    """Import what of huggingface_hub reads the environment, without the variables that it can't read: `check`
    tells of them when the Hub is wanted.
    """
    unreadable = [name for name, (fits, _) in FORMS.items() if not fits(os.environ.get(name, ""))]
    hidden = {name: os.environ.pop(name) for name in unreadable if name in os.environ}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of variables that it has given up
            importlib.import_module("huggingface_hub.constants")
    finally:
        os.environ.update(hidden)


def check() -> None:
    """Raise Problem for a variable that keeps the Hub from being asked; an empty one counts as unset."""
    for name, (fits, form) in FORMS.items():
        value = os.environ.get(name)
        if value and not fits(value):
            message = "{name} is '{value}': set it to {form}, or unset it."
            raise Problem(message, name=name, value=shown(value), form=form)
    check_connection()
