"""What the Hub knows: users, repositories, commits; and what goes wrong on request."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

LARGE = (".safetensors", ".zip", ".png", ".bin")


@dataclass
class User:
    """An account and one token of it. `role` is write, read or fineGrained."""

    name: str
    token: str
    role: str = "write"
    organisations: tuple[str, ...] = ()


@dataclass
class Commit:
    """All files at that commit: contents by path."""

    sha: str
    files: dict[str, bytes]
    message: str = ""
    date: str = ""


@dataclass
class Repo:
    """A model repository; its branches are lists of commits, the newest last."""

    name: str
    private: bool = False
    gated: bool = False
    disabled: bool = False
    branches: dict[str, list[Commit]] = field(default_factory=dict)
    claims: dict[str, int] = field(default_factory=dict)  # sizes the server tells, wrong ones
    ignored: tuple[str, ...] = ()  # what its .gitignore leaves out

    @property
    def files(self) -> dict[str, bytes]:
        """What is on the main branch now."""
        return self.branches["main"][-1].files

    def commit(self, revision: str) -> Commit | None:
        """The commit a branch or a hash names."""
        if revision in self.branches:
            return self.branches[revision][-1]
        return next((c for b in self.branches.values() for c in b if c.sha == revision), None)


@dataclass
class Fault:
    """What to do with the requests that match: from the `after`-th match on, `times` times.

    `do` gets the handler and returns True where it has answered (or hung up).
    """

    method: str
    pattern: str
    do: Callable[..., bool]
    after: int = 0
    times: int = 10**9
    seen: int = 0


def oid_of(path: str, content: bytes) -> str:
    """What Git, or LFS, calls that content."""
    if path.endswith(LARGE):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def mode_of(path: str) -> str:
    return "lfs" if path.endswith(LARGE) else "regular"
