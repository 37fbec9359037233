"""What the options of `python -m gan sample` ask for, as a `View`. An option that would change nothing is
refused: it was meant otherwise. No torch.
"""

import argparse
import re
from pathlib import Path

from gan.errors import CANNOT_READ, Problem, os_errors_as
from gan.latent.address import from_query, query_in
from gan.latent.bounds import Bounds
from gan.latent.points import MOST_PICTURES, parse_seeds
from gan.latent.view import COMPONENTS, CORNERS, KEYFRAMES, REACH, View, trimmed, with_value

FEW = 4  # keyframes of a walk, corners of a plane, pictures with neighbours, unless --count says otherwise
MOST_LATENTS = 10_000  # that are drawn at once, from --count or a file
FILM_SIDE = Bounds(8, 1024, 256)  # pixels of a film's pictures, about
OF_PICTURES = ("still", "walk", "plane", "neighbours")  # kinds that are made of pictures somebody names
# The kinds that an option has an effect on; one that is not here has one on all.
SERVES = {
    "seed": OF_PICTURES,
    "seeds": OF_PICTURES,
    "count": OF_PICTURES,
    "truncation": OF_PICTURES,
    "shift": OF_PICTURES,
    "like": OF_PICTURES,
    "latents": ("still",),
    "grid": ("still", "walk", "invert"),
    "frames": ("walk",),
    "fps": ("walk",),
    "once": ("walk",),
    "size": ("walk",),
    "straight": ("walk", "plane"),
    "starts": ("invert",),
    "search_steps": ("invert",),
    "whole": ("invert",),
    "negative": ("invert",),
    "data": ("neighbours",),
}
# The files that an option has an effect on.
FILES = {"grid": (".png",), "size": (".gif", ".mp4", ".zip"), "fps": (".gif", ".mp4", ".png")}


def kind_of(options: argparse.Namespace) -> str:
    """What is to be made: still, walk, plane, invert or neighbours. Raises Problem where options disagree."""
    kinds = [name for name in ("walk", "plane", "invert", "neighbours") if getattr(options, name)]
    if len(kinds) > 1:
        message = "--{first} and --{second} are two different things: ask for one at a time."
        raise Problem(message, first=kinds[0], second=kinds[1], misuse=True)
    kind = kinds[0] if kinds else "still"
    _refuse(options, *(name for name, kinds in SERVES.items() if kind not in kinds))
    if options.latents:
        _refuse(options, "seed", "seeds", "count")
    if options.seeds is not None:
        _refuse(options, "seed")
    return kind


def _refuse(options: argparse.Namespace, *names: str) -> None:
    """Raise Problem for the first of these options that was given."""
    for name in names:
        value = getattr(options, name)
        if value is not None and value is not False and value != []:  # 0 is a seed
            flag = "--" + name.replace("_", "-")
            raise Problem("{flag} has no effect on what was asked for: leave it out.", flag=flag, misuse=True)


def view_of(options: argparse.Namespace, kind: str) -> tuple[View, str]:
    """The view that the options describe, and "raw" where it is one of raw weights. Raises Problem."""
    _refuse(options, *(name for name, suffixes in FILES.items() if options.out.suffix not in suffixes))
    view, use = (View(), "") if options.like is None else _like(options.like)
    points = {"walk": view.keys, "plane": view.corners}.get(kind, ())
    if options.seeds is not None or options.seed is not None:  # other pictures than those
        seeds = str(options.seed) if options.seeds is None else options.seeds
        view = view.changed(seeds=seeds, points=(), keys=(), corners=())
    elif points:
        _refuse(options, "count", "truncation", "shift")
    changes: dict[str, object] = {"frames": options.frames, "speed": options.fps}
    changes["truncation"] = options.truncation
    changes["linear"] = options.straight or None
    changes["loop"] = False if options.once else None
    view = view.changed(**{name: value for name, value in changes.items() if value is not None})
    for pair in options.shift:
        view = _shifted(view, pair)
    return _counted(view, options, kind, len(points)), use


def _counted(view: View, options: argparse.Namespace, kind: str, points: int) -> View:
    """The view with as many pictures as --count says, or as it has points of that kind, or as are usual."""
    if len(parse_seeds(view.seeds)) > 1 or (view.points and view.base is None):  # one of each
        _refuse(options, "count")
        return view
    limit = {"walk": KEYFRAMES, "plane": CORNERS}.get(kind)
    most = limit or (MOST_PICTURES if view.base is not None else None)  # one seed has any number of pictures
    if most and options.count and options.count > most:
        message = "--count {count} is more than there can be of that: {most} at most."
        raise Problem(message, count=options.count, most=most, misuse=True)
    usual = FEW if limit or (kind == "neighbours" and options.like is None) else view.count
    return view.changed(count=min(options.count or (limit and points) or usual, MOST_PICTURES))


def _like(text: str) -> tuple[View, str]:
    """The view that a PNG of ours carries, or that an address, or its part behind the "?", says; and which
    weights it used.
    """
    if text.lower().endswith(".png"):
        text = query_in(content_of(Path(text)))
    if "=" not in text:
        message = "--like {text} is neither a PNG nor an address of the page."
        raise Problem(message, text=text[:80], misuse=True)
    view, about, complaints = from_query(text.partition("?")[2] or text)
    if complaints:
        raise Problem("{what}", what=complaints[0], misuse=True)
    return view, about.get("use", "")


def _shifted(view: View, pair: str) -> View:
    """With one more shift: "pca1=2", "svd3=-1", "z12=0.5" or a saved direction's "name=1"."""
    name, _, text = pair.rpartition("=")
    try:
        value = float(text)
        numbered = re.fullmatch(r"(pca|svd|z)(\d+)", name)
        if not name:
            raise ValueError
        if not numbered:
            return view.changed(named=view.named | {name: value})
        kind, number = numbered[1], int(numbered[2])
        if kind == "z":
            return view.changed(raw=view.raw | {number: value})
        if not 1 <= number <= COMPONENTS:
            raise ValueError
        return view.changed(**{kind: trimmed(with_value(getattr(view, kind), number - 1, value))})
    except (ValueError, Problem):
        message = (
            "--shift {pair} can't be used: write pca1=2, svd3=-1 (1 to {most}), z12=0.5 or NAME=1, from "
            "-{reach} to {reach}."
        )
        raise Problem(message, pair=pair[:80], most=COMPONENTS, reach=f"{REACH:g}", misuse=True) from None


def content_of(file: Path) -> bytes:
    """A file's bytes. Raises Problem."""
    with os_errors_as(CANNOT_READ, file=file):
        return file.read_bytes()
