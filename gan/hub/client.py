"""The Hub's client, and how the Hub calls things: repositories, branches, the tags of this program."""

import re

from huggingface_hub import HfApi

from gan.errors import Problem, printable
from gan.hub.transport import ENDPOINT, endpoint

TAG = "gan-workbench"  # finds the generators of this program on the Hub
RUN_TAG = "gan-workbench-run"  # those whose whole run is there, too
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"

Token = str | bool  # a token, or False for none; never None or True, which would mean somebody's saved one


def api() -> HfApi:
    """The Hub's client for HF_ENDPOINT."""
    return HfApi(endpoint=endpoint())


def check_repo_id(repo_id: str) -> str:
    """The name as the Hub writes it, or a Problem. Addresses of the Hub's pages are understood, too."""
    name = repo_id.strip().removeprefix("hf:").removeprefix(endpoint() + "/").removeprefix(ENDPOINT + "/")
    name = name.rstrip("/")
    if not is_repo_id(name):
        raise Problem(
            "'{name}' is no repository: write it as user/name, with letters, digits and . _ - alone.",
            name=safe(repo_id, 80),
            misuse=True,
        )
    return name


def is_repo_id(name: str) -> bool:
    """Can a repository be called that?"""
    odd = ".." in name or "--" in name or name.endswith(".git")
    return bool(re.fullmatch(f"{NAME}/{NAME}", name)) and not odd


def check_revision(revision: str | None) -> str | None:
    """A branch, tag or commit, None for the main branch. Raises Problem for what can be none."""
    revision = (revision or "").strip()
    if revision and (not re.fullmatch(r"[\w][\w./-]{0,199}", revision) or ".." in revision):
        message = "'{revision}' is no branch, tag or commit: leave it empty for the main branch."
        raise Problem(message, revision=safe(revision, 80), misuse=True)
    return revision or None


def safe(text: object, most: int = 200) -> str:
    """A stranger's words on one line, printable and short."""
    line = printable(str(text))
    return line if len(line) <= most else line[: most - 1] + "…"
