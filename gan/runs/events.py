"""What happened to a run beside its steps: edits, moves by hand, and what a resume had to tell. JSON objects
with their step.

Edits ("set") and moves ("move") are made again when a run resumes from a checkpoint that lies before them;
the others only tell: "torch" (resumed under another version of it), "damaged" (a checkpoint that could not be
used), "length" (the run was made longer), "fork" (it began as a copy of another run), "idle" (nobody looked).
"""

import json
import re

from gan.i18n import t
from gan.recipes.fields import rate

LETTERS = {"g_rate": "G", "d_rate": "D"}


def parse(line: str) -> dict | None:
    """An event's line; None where a crash or a stranger has left something else."""
    try:
        event = json.loads(line)
        describe(event)
        return event if type(event["step"]) is int and event["step"] >= 0 and _can_be(event) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def describe(event: dict) -> str:
    """An event as people read it. Raises KeyError, TypeError or ValueError where it is none."""
    match event["what"]:
        case "set":
            values = {"old": rate(float(event["old"])), "new": rate(float(event["new"]))}
            return t("lr {player} {old} → {new}", player=LETTERS[event["key"]], **values)
        case "move":
            return t("{player} moved once by hand", player=str(event["player"]).upper())
        case "torch":
            return t("resumed under torch {new} instead of {old}: bits may differ", **_texts(event))
        case "damaged":
            return t("checkpoint {checkpoint} was damaged: resumed from the one before", **_texts(event))
        case "length":
            return t("length {old} → {new} steps", old=f"{event['old']:,}", new=f"{event['new']:,}")
        case "idle":
            return t("stopped: nobody looked at it for {minutes} minutes", **_texts(event))
        case "fork":
            return t("forked from {run}", **_texts(event))
    raise KeyError(event["what"])


def _can_be(event: dict) -> bool:
    if event["what"] == "set":
        return 0 < event["new"] <= 1
    return event["what"] != "move" or event["player"] in ("d", "g")


def _texts(event: dict) -> dict[str, str]:
    """The event's values, short and without markup: an imported file may say anything."""
    return {key: re.sub(r"[^\w.+ -]", " ", str(value))[:64] for key, value in event.items() if key != "what"}
