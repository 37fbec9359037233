"""Push: a generator, or a whole run, to the Hub as one commit."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from huggingface_hub import CommitOperationAdd

from gan.errors import Problem
from gan.hub.accounts import Account
from gan.hub.bundle import RUN, Parcel
from gan.hub.client import TAG, api, check_repo_id, check_revision
from gan.hub.downloads import FILES
from gan.hub.refusals import Missing, hub_errors
from gan.hub.repos import Found, look_up
from gan.hub.transport import Unreachable
from gan.i18n import t
from gan.jobs import Job


@dataclass(frozen=True)
class Pushed:
    """Where a push went: its commit, or its pull request."""

    repo_id: str
    sha: str
    url: str
    private: bool
    changed: bool = True  # False where the Hub held all of it already
    notes: tuple[str, ...] = ()  # what one should know of it, as sentences


@dataclass(frozen=True)
class Order:
    """What a push shall do. `revision` is a branch, made where it is missing; None is the main branch."""

    repo_id: str
    private: bool = True
    revision: str | None = None
    pull_request: bool = False
    message: str = ""

    @classmethod
    def checked(cls, repo_id: str, revision: str | None = None, **more: object) -> "Order":
        """An order with names the Hub can take. Raises Problem."""
        order = cls(check_repo_id(repo_id), revision=check_revision(revision), **more)
        if order.pull_request and order.revision:
            raise Problem("A pull request goes to the main branch: leave the branch empty.", misuse=True)
        return order


def push(parcel: Parcel, order: Order, account: Account, job: Job) -> Pushed:
    """Create or update the repository with one commit. It may be repeated after any failure: what is there
    is not sent again, and nothing shows before the commit. Raises Problem, Cancelled.
    """
    if not account.may_write:
        raise Problem("The token of {name} may only read: make one that may write.", name=account.name)
    repo, token, client = order.repo_id, account.secret, api()
    job.tell(t("Asking the Hub"))
    before = _target(order, token)
    with hub_errors(repo, revision=order.revision):
        if before is None:
            job.advance(0)
            client.create_repo(repo, private=order.private, exist_ok=True, token=token)
        if order.revision:
            client.create_branch(repo, branch=order.revision, exist_ok=True, token=token)
        there = look_up(repo, order.revision, token)
        _check_private(order, there)
        with _operations(parcel, job) as operations:
            sizes = {one.path_in_repo: one.upload_info.size for one in operations}
            job.tell(t("Uploading"), total=sum(sizes.values()))
            where = {"token": token, "revision": order.revision, "create_pr": order.pull_request}
            client.preupload_lfs_files(repo, operations, free_memory=False, **where)
            job.settle()  # what is up so far shows nowhere; now it will
            job.tell(t("Publishing"))
            commit = _commit(client, order, operations, default_message(parcel), there.sha, where)
        job.tell(t("Checking"))
        _check_pushed(sizes, look_up(repo, commit.pr_revision or commit.oid, token))
    changed = commit.oid != there.sha
    url = commit.pr_url or commit.commit_url
    notes = _notes(order, there, changed, RUN in there.sizes and RUN not in sizes)
    return Pushed(repo, commit.oid, str(url), there.private, changed, notes)


def _notes(order: Order, there: Found, changed: bool, old_run: bool) -> tuple[str, ...]:
    """What somebody would not expect."""
    notes = []
    if not changed:
        notes.append(
            t("Nothing has changed since the last push: there is no new commit, and no pull request.")
        )
    if there.private and not order.private:
        notes.append(
            t("The repository was private before, and stays so: its settings on the Hub change that.")
        )
    if old_run:
        notes.append(t("The run.zip of an earlier push stays there: push the whole run to renew it."))
    return tuple(notes)


def _commit(client, order: Order, operations: list, message: str, parent: str, where: dict):
    """The one commit. Raises Problem; an answer that is lost may mean a pull request too many."""
    try:
        with hub_errors(order.repo_id, revision=order.revision):
            return client.create_commit(
                order.repo_id,
                operations,
                commit_message=order.message or message,
                parent_commit=None if order.pull_request else parent,
                **where,
            )
    except Unreachable as problem:
        if not order.pull_request:
            raise
        sentence = "{problem} The pull request may be open all the same: look on the Hub first."
        raise Problem(sentence, problem=str(problem)) from None


def default_message(parcel: Parcel) -> str:
    """What the commit says if nothing else is asked for."""
    recipe, step = parcel.config.recipe.name, f"{parcel.config.step:,}"
    return t("{recipe} on {data}, step {step}", recipe=recipe, data=parcel.config.data.name, step=step)


def _target(order: Order, token: str) -> Found | None:
    """The repository as it is, None where it is yet to be made. Raises Problem where it is not for this."""
    try:
        found = look_up(order.repo_id, None, token)
    except Missing:
        return None
    if not order.pull_request and TAG not in found.tags and any(name in found.sizes for name in FILES):
        sentence = "{repo} exists and holds something else: choose another name."
        raise Problem(sentence, repo=order.repo_id)
    _check_private(order, found)
    return found


def _check_private(order: Order, there: Found) -> None:
    """Nothing meant to be private goes where all can read it."""
    if order.private and not there.private and not order.pull_request:
        raise Problem(
            "{repo} is public, and this push is meant to be private: allow public (--public), or take "
            "another name.",
            repo=order.repo_id,
        )


@contextmanager
def _operations(parcel: Parcel, job: Job) -> Iterator[list[CommitOperationAdd]]:
    """The commit's files, counted while they go up."""
    with parcel.open_run() as run:
        files = {name: io.BytesIO(content) for name, content in parcel.files.items()}
        counted = {name: _Counted(file) for name, file in (files | ({RUN: run} if run else {})).items()}
        # this reads them once, before anything is counted
        operations = [CommitOperationAdd(name, file) for name, file in counted.items()]
        for file in counted.values():
            file.job = job
        yield operations


class _Counted(io.BufferedIOBase):
    """A file that tells a job how much of it was read."""

    def __init__(self, file: BinaryIO):
        self.file, self.job = file, None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        piece = self.file.read(-1 if size is None else size)
        if self.job:
            self.job.advance(len(piece))
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()


def _check_pushed(sizes: dict[str, int], there: Found) -> None:
    """Does the Hub hold what was sent?"""
    missing = [name for name, size in sizes.items() if there.sizes.get(name) != size]
    if missing:
        sentence = "{repo} does not hold {files} as pushed: see whether its .gitignore leaves that out."
        raise Problem(sentence, repo=there.repo_id, files=", ".join(missing))
