"""A view as a query string, in an address and inside a PNG. No torch."""

from urllib.parse import parse_qs, urlencode

from gan.errors import Problem
from gan.latent.view import View

LONGEST_ADDRESS = 6000  # characters that every server on the way lets through
ABOUT = ("source", "step", "weights", "use", "tool", "run", "embed", "embed_options")  # beside the view
SHORT_NAMES = {"truncation": "t", "count": "grid", "seeds": "seed", "keys": "walk", "corners": "plane"}
FIELDS = {SHORT_NAMES.get(name, name): name for name in View.model_fields}


def to_query(view: View, **about: str | int) -> str:
    """The view as a query string, `about` (source, step, weights) first; what is at its default is left
    out.
    """
    pairs = {name: str(value) for name, value in about.items() if value != ""}
    standard = View()
    for short, name in FIELDS.items():
        value = getattr(view, name)
        if name == "seeds" or value != getattr(standard, name):
            pairs[short] = _text(value)
    return urlencode(pairs, safe=",:/-")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, dict):
        return ",".join(f"{key}:{_text(entry)}" for key, entry in value.items())
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def from_query(query: str) -> tuple[View, dict[str, str], list[str]]:
    """The view a query string holds, what else it holds (source, step, weights), and a sentence for each
    value that can't be.
    """
    pairs = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    view, about, complaints = View(), {}, []
    for short, text in pairs.items():
        if short not in FIELDS:
            about[short] = text[:200]
            if short not in ABOUT:
                message = "{name} says nothing here: it is passed over."
                complaints.append(str(Problem(message, name=short[:40])))
            continue
        name = FIELDS[short]
        try:
            view = view.changed(**{name: _value(name, text)})
        except (Problem, ValueError):
            message = "{name}={text} can't be used: its default is shown."
            complaints.append(str(Problem(message, name=short, text=text[:40])))
    return view, about, complaints


def _value(name: str, text: str) -> object:
    if name in ("pca", "svd", "points", "keys", "corners"):
        return tuple(part for part in text.split(",") if part)
    if name in ("named", "raw"):
        return dict(part.rsplit(":", 1) for part in text.split(",") if part)
    return text


def refuse_sheet(content: bytes) -> None:
    """Raise Problem for a picture of ours that holds many: who looks for a latent means one of them."""
    try:
        query = _note_in(content)
    except ValueError:
        return
    if query and (count := from_query(query)[0].pictures()) > 1:
        message = "This file holds {count} pictures side by side: download a single one, or cut one out."
        raise Problem(message, count=count)


def query_in(content: bytes) -> str:
    """The query string that a PNG of ours carries. Raises Problem where it is none."""
    try:
        query = _note_in(content)
    except ValueError:
        raise Problem("This is no PNG that can be read: drop a picture that was downloaded here.") from None
    if not query:
        raise Problem(
            "This PNG says nothing of how it was made: drop one that was downloaded here, unchanged (many "
            "programs and sites remove what is written in a picture)."
        )
    return query


def _note_in(content: bytes) -> str:
    from gan.pictures.png import note_in  # with Pillow, which `python -m gan --help` does not wait for

    return note_in(content)
