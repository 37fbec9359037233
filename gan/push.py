"""Push: a generator, or a whole run, to the Hub as one commit."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from huggingface_hub import CommitOperationAdd

from gan.accounts import Account
from gan.hub import Found, look_up
from gan.jobs import Job
from gan.parcel import RUN, Parcel
from gan.pulled import FILES
from gan.wire import SILENCE, TAG, Missing, api, check_repo_id, check_revision, told
from gan.words import Problem, t


@dataclass(frozen=True)
class Pushed:
    """Where a push went: its commit, or its pull request."""

    repo_id: str
    sha: str
    url: str
    private: bool


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
    private = order.private if before is None else before.private
    with told(repo, revision=order.revision):
        if before is None:
            client.create_repo(repo, private=order.private, exist_ok=True, token=token)
        job.advance(0)
        if order.revision:
            client.create_branch(repo, branch=order.revision, exist_ok=True, token=token)
        parent = client.model_info(repo, revision=order.revision, token=token, timeout=SILENCE).sha
        job.tell(t("Uploading"), total=sum(parcel.sizes().values()))
        with _operations(parcel, job) as operations:
            commit = client.create_commit(
                repo,
                operations,
                commit_message=order.message or default_message(parcel),
                revision=order.revision,
                create_pr=order.pull_request,
                parent_commit=None if order.pull_request else parent,
                token=token,
            )
        job.tell(t("Checking"))
        url = commit.pr_url or commit.commit_url
        _check_pushed(parcel, repo, commit.pr_revision or commit.oid, token)
    return Pushed(repo, commit.oid, str(url), private)


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
    if order.private and not found.private and not order.pull_request:
        sentence = (
            "{repo} is public, and this push is meant to be private: allow public, or choose another name."
        )
        raise Problem(sentence, repo=order.repo_id)
    return found


@contextmanager
def _operations(parcel: Parcel, job: Job) -> Iterator[list[CommitOperationAdd]]:
    """The commit's files, counted while they go up."""
    run = parcel.open_run()
    try:
        files = {name: io.BytesIO(content) for name, content in parcel.files.items()}
        counted = {name: _Counted(file) for name, file in (files | ({RUN: run} if run else {})).items()}
        operations = [
            CommitOperationAdd(name, file) for name, file in counted.items()
        ]  # this reads them once
        for file in counted.values():
            file.job = job
        yield operations
    finally:
        if run:
            run.close()


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


def _check_pushed(parcel: Parcel, repo: str, revision: str, token: str) -> None:
    """Does the Hub hold what was sent?"""
    sizes = look_up(repo, revision, token).sizes
    if any(sizes.get(name) != len(content) for name, content in parcel.files.items()):
        raise Problem("{repo} does not hold what was pushed: push again.", repo=repo)
