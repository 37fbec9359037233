"""Every sentence that people read goes through `t`, so that a catalogue can translate it.

A sentence is a template with named places ("Run {name} is gone"): the catalogue translates the template, and
the values stay what they are.
"""

import gettext
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"


catalogue = gettext.translation("gan", LOCALE, fallback=True)


def t(template: str, **values: object) -> str:
    """The sentence in the reader's language, its places filled in."""
    return catalogue.gettext(template).format(**values) if values else catalogue.gettext(template)
