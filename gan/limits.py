"""What a visitor may do where many share one machine: limits that the environment sets.

A laptop has none but the number of trainings at once. In public mode (GAN_PUBLIC=1, or on a Hugging Face
Space, which sets SPACE_ID) each limit has a default, and its variable overrides it.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from gan.errors import Problem
from gan.i18n import t

RECENT = ".recent"  # folder in a runs folder: generators that were looked at (gan.generator.recent)
SPARE_BYTES = 500_000_000  # that visitors leave free on the disk, all together
PUBLIC = {"GAN_MAX_STEPS": 200_000, "GAN_MAX_RUNS": 8, "GAN_MAX_MEGABYTES": 500, "GAN_MAX_IDLE": 15}
NO = ("0", "no", "off", "false")  # in GAN_PUBLIC


@dataclass(frozen=True)
class Limits:
    """Each is None where there is none. `steps` is a run's, `runs` and `megabytes` are a visitor's, `idle` is
    how many minutes a training goes on while nobody looks at it, and `at_once` trainings share one device.
    """

    steps: int | None
    runs: int | None
    megabytes: int | None
    idle: int | None
    at_once: int

    def sentence(self) -> str:
        """The limits as a visitor reads them; empty where there are none."""
        parts = [
            self.steps and t("{steps} steps a run", steps=f"{self.steps:,}"),
            self.runs and t("{runs} runs", runs=self.runs),
            self.megabytes and t("{megabytes} MB on disk", megabytes=self.megabytes),
            self.idle and t("a training nobody watches stops after {minutes} min", minutes=self.idle),
        ]
        return " · ".join(part for part in parts if part)


def is_public() -> bool:
    """Do strangers share this machine? A word in GAN_PUBLIC that means neither yes nor no counts as yes."""
    setting = os.environ.get("GAN_PUBLIC", "").strip().lower()
    return setting not in NO if setting else "SPACE_ID" in os.environ


def limits() -> Limits:
    """The limits in force. Raises Problem where a variable is no whole number above 0."""
    return Limits(*map(_number, PUBLIC), at_once=_number("GAN_AT_ONCE") or 1)


def _number(name: str) -> int | None:
    text = os.environ.get(name, "")
    if not text:
        return PUBLIC.get(name) if is_public() else None
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < 1:
        message = "{name} is '{text}': set it to a whole number from 1 to 999,999,999."
        raise Problem(message, name=name, text=text[:40])
    return int(text)


def check_steps(steps: int) -> None:
    """Refuse a run that is longer than allowed. Raises Problem."""
    most = limits().steps
    if most and steps > most:
        message = "A run may have {most} steps here, {steps} are too many: lower Stop at step."
        raise Problem(message, most=f"{most:,}", steps=f"{steps:,}")


def check_room(home: Path) -> None:
    """Refuse one run more where a visitor has as many, or as large ones, as allowed. Raises Problem."""
    most = limits().runs
    if most and len(list(home.glob("[!.]*/run.json"))) >= most:
        raise Problem("You have {runs} runs, as many as may be here: delete one first.", runs=most)
    check_space(home)


def check_space(home: Path, more: int = 0) -> None:
    """Refuse that many bytes more where a visitor has too many already. Raises Problem."""
    most = limits().megabytes
    place = next((folder for folder in (home, *home.parents) if os.path.exists(folder)), None)
    if most and place and shutil.disk_usage(place).free < SPARE_BYTES + more:
        raise Problem("This machine's disk is nearly full: try again later, or elsewhere.")
    if most and size_of(home) - size_of(home / RECENT) + more > most * 1e6:
        message = "This takes more than the {megabytes} MB there are for you: delete a run, empty the trash."
        raise Problem(message, megabytes=most)


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except OSError:
                pass  # removed meanwhile
    return total
