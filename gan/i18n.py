"""Every sentence that people read goes through `t`, which says it in the reader's language.

A sentence is a template with named places ("Run {name} is gone"): the catalogue translates the template, and
the values stay what they are. Catalogues are gettext's own (`locale/<language>/LC_MESSAGES/gan.mo`). Many
readers share a process, so the language belongs to the one who reads: `speak` sets it for a thread or a task,
`follow` names a function that knows it (a page's visitor), and without either the environment decides, as for
any program. Nothing is translated while modules are imported, when nobody reads.
"""

import gettext
import re
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
LANGUAGE = r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,2}"  # ko, ko-KR, zh_Hant_TW: what browsers send

_spoken: ContextVar[str] = ContextVar("language", default="")


def _nobody() -> str | None:
    """The language of no reader."""
    return None


_ask_reader: Callable[[], str | None] = _nobody


def t(template: str, **values: object) -> str:
    """The sentence in the reader's language, its places filled in."""
    sentence = _catalogue(language()).gettext(template)
    return sentence.format(**values) if values else sentence


def language() -> str:
    """The reader's language, such as "ko_KR"; empty where the environment decides."""
    name = _spoken.get() or _ask_reader() or ""
    return name.replace("-", "_") if re.fullmatch(LANGUAGE, name) else ""


def speak(name: str) -> None:
    """Say everything in that language from now on, in this thread or task; empty: as if never called."""
    _spoken.set(name)


def follow(ask: Callable[[], str | None]) -> None:
    """Ask that function for the reader's language wherever `speak` was not called."""
    global _ask_reader
    _ask_reader = ask


@lru_cache(maxsize=32)
def _catalogue(name: str) -> gettext.NullTranslations:
    return gettext.translation("gan", LOCALE, [name] if name else None, fallback=True)
