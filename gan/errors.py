"""What people read: every visible sentence goes through `t`, every refusal is a `Problem`.

A sentence is a template with named places ("Run {name} is gone"), so that a catalogue can translate the
template and the values stay what they are. Catalogues are gettext's own
(`locale/<language>/LC_MESSAGES/gan.mo`).
"""

from gan.i18n import t


def printable(text: str) -> str:
    """The text with a space for whatever could move a terminal or break a line."""
    return "".join(c if c.isprintable() else " " for c in text)


class Problem(Exception):
    """Something the user can cure, said in one sentence: the thing, its value, what to do.

    Pages show it in place of what was asked for; the command line prints it on stderr and exits with 1, or
    with 2 where the request itself was wrong (`misuse`).
    """

    def __init__(self, template: str, *, misuse: bool = False, **values: object):
        super().__init__(template)
        self.template, self.values, self.misuse = template, values, misuse

    def __str__(self) -> str:
        sentence = t(self.template, **self.values)  # it may quote a stranger's file
        return printable(sentence)
