"""A view as a query string, in an address and inside a PNG. No torch."""

from urllib.parse import parse_qs, urlencode

from gan.errors import Problem
from gan.latent.view import Look
from gan.pictures.png import note_in

LONGEST = 6000  # characters of an address that every server on the way lets through


SHORT = {"truncation": "t", "count": "grid", "seeds": "seed", "keys": "walk", "corners": "plane"}


ABOUT = ("source", "step", "weights", "use", "tool", "run", "embed", "embed_options")  # beside the look


FIELDS = {SHORT.get(name, name): name for name in Look.model_fields}


def to_query(look: Look, **about: str | int) -> str:
    """The look as a query string, `about` (source, step, weights) first; what is at its default is left
    out.
    """
    pairs = {name: str(value) for name, value in about.items() if value != ""}
    standard = Look()
    for short, name in FIELDS.items():
        value = getattr(look, name)
        if name == "seeds" or value != getattr(standard, name):
            pairs[short] = _text(value)
    return urlencode(pairs, safe=",:/-")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, dict):
        return ",".join(f"{key}:{_text(one)}" for key, one in value.items())
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def from_query(query: str) -> tuple[Look, dict[str, str], list[str]]:
    """The look a query string holds, what else it holds (source, step, weights), and a sentence for each
    value that can't be.
    """
    pairs = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    look, about, complaints = Look(), {}, []
    for short, text in pairs.items():
        if short not in FIELDS:
            about[short] = text[:200]
            if short not in ABOUT:
                told = "{name} says nothing here: it is passed over."
                complaints.append(str(Problem(told, name=short[:40])))
            continue
        name = FIELDS[short]
        try:
            look = look.changed(**{name: _value(name, text)})
        except (Problem, ValueError):
            told = "{name}={text} can't be used: its default is shown."
            complaints.append(str(Problem(told, name=short, text=text[:40])))
    return look, about, complaints


def _value(name: str, text: str) -> object:
    if name in ("pca", "svd", "points", "keys", "corners"):
        return tuple(part for part in text.split(",") if part)
    if name in ("named", "raw"):
        return dict(part.rsplit(":", 1) for part in text.split(",") if part)
    return text


def refuse_sheet(content: bytes) -> None:
    """Raise Problem for a picture of ours that holds many: whoever looks for a latent means one of them."""
    try:
        query = note_in(content)
    except ValueError:
        return
    if query and (count := from_query(query)[0].pictures()) > 1:
        told = "This file holds {count} pictures side by side: download a single one, or cut one out."
        raise Problem(told, count=count)


def query_in(content: bytes) -> str:
    """The query string that a PNG of ours carries. Raises Problem where it is none."""
    try:
        query = note_in(content)
    except ValueError:
        raise Problem("This is no PNG that can be read: drop a picture that was downloaded here.") from None
    if not query:
        raise Problem(
            "This PNG says nothing of how it was made: drop one that was downloaded here, unchanged (many "
            "programs and sites remove what is written in a picture)."
        )
    return query
