"""Push: a generator, or a whole run, to the Hub as one commit."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from huggingface_hub import CommitInfo, CommitOperationAdd, HfApi

from gan.errors import Problem
from gan.hub.accounts import Account
from gan.hub.bundle import RUN, Bundle
from gan.hub.client import TAG, api, check_repo_id, check_revision
from gan.hub.downloads import FILES
from gan.hub.refusals import Missing, hub_errors
from gan.hub.repos import Repo, look_up
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
class PushRequest:
    """Where and how to push. `revision` is a branch, made where it is missing; None is the main branch."""

    repo_id: str
    private: bool = True
    revision: str | None = None
    pull_request: bool = False
    message: str = ""

    @classmethod
    def checked(cls, repo_id: str, revision: str | None = None, **more: object) -> "PushRequest":
        """A request with names that the Hub can take. Raises Problem."""
        request = cls(check_repo_id(repo_id), revision=check_revision(revision), **more)
        if request.pull_request and request.revision:
            raise Problem("A pull request goes to the main branch: leave the branch empty.", misuse=True)
        return request


def push(bundle: Bundle, request: PushRequest, account: Account, job: Job) -> Pushed:
    """Create or update the repository with one commit. After a failure it may be repeated: what arrived is
    not sent again, and nobody sees anything before the commit. Raises Problem, Cancelled.
    """
    if not account.may_write:
        raise Problem("The token of {name} may only read: make one that may write.", name=account.name)
    repo, token, client = request.repo_id, account.secret, api()
    job.tell(t("Asking the Hub"))
    before = _target(request, token)
    with hub_errors(repo, revision=request.revision):
        if before is None:
            job.advance(0)
            client.create_repo(repo, private=request.private, exist_ok=True, token=token)
        if request.revision:
            client.create_branch(repo, branch=request.revision, exist_ok=True, token=token)
        there = look_up(repo, request.revision, token)
        _check_private(request, there)
        with _operations(bundle, job) as operations:
            sizes = {operation.path_in_repo: operation.upload_info.size for operation in operations}
            job.tell(t("Uploading"), total=sum(sizes.values()))
            where = {"token": token, "revision": request.revision, "create_pr": request.pull_request}
            client.preupload_lfs_files(repo, operations, free_memory=False, **where)
            job.settle()  # what is up so far shows nowhere; now it will
            job.tell(t("Publishing"))
            commit = _commit(client, request, operations, default_message(bundle), there.sha, where)
        job.tell(t("Checking"))
        _check_pushed(sizes, look_up(repo, commit.pr_revision or commit.oid, token))
    changed = commit.oid != there.sha
    url = commit.pr_url or commit.commit_url
    notes = _notes(request, there, changed, RUN in there.sizes and RUN not in sizes)
    return Pushed(repo, commit.oid, str(url), there.private, changed, notes)


def _notes(request: PushRequest, there: Repo, changed: bool, old_run: bool) -> tuple[str, ...]:
    """What somebody would not expect."""
    notes = []
    if not changed:
        notes.append("Nothing has changed since the last push: there is no new commit, and no pull request.")
    if there.private and not request.private:
        notes.append("The repository was private before, and stays so: its settings on the Hub change that.")
    if old_run:
        notes.append("The run.zip of an earlier push stays there: push the whole run to renew it.")
    return tuple(map(t, notes))


def _commit(
    client: HfApi,
    request: PushRequest,
    operations: list[CommitOperationAdd],
    message: str,
    parent: str,
    where: dict[str, object],
) -> CommitInfo:
    """Make the one commit. Raises Problem; after a lost answer, a pull request may be open all the same."""
    try:
        with hub_errors(request.repo_id, revision=request.revision):
            return client.create_commit(
                request.repo_id,
                operations,
                commit_message=request.message or message,
                parent_commit=None if request.pull_request else parent,
                **where,
            )
    except Unreachable as problem:
        if not request.pull_request:
            raise
        sentence = "{problem} The pull request may be open all the same: look on the Hub first."
        raise Problem(sentence, problem=str(problem)) from None


def default_message(bundle: Bundle) -> str:
    """What the commit says where the request has no message."""
    recipe, step = bundle.config.recipe.name, f"{bundle.config.step:,}"
    return t("{recipe} on {data}, step {step}", recipe=recipe, data=bundle.config.data.name, step=step)


def _target(request: PushRequest, token: str) -> Repo | None:
    """The repository as it is, None where it is still to be made. Raises Problem where it is not for this."""
    try:
        there = look_up(request.repo_id, None, token)
    except Missing:
        return None
    if not request.pull_request and TAG not in there.tags and any(name in there.sizes for name in FILES):
        sentence = "{repo} exists and holds something else: choose another name."
        raise Problem(sentence, repo=request.repo_id)
    _check_private(request, there)
    return there


def _check_private(request: PushRequest, there: Repo) -> None:
    """Nothing meant to be private goes where all can read it."""
    if request.private and not there.private and not request.pull_request:
        message = (
            "{repo} is public, and this push is meant to be private: allow public (--public), or take "
            "another name."
        )
        raise Problem(message, repo=request.repo_id)


@contextmanager
def _operations(bundle: Bundle, job: Job) -> Iterator[list[CommitOperationAdd]]:
    """The commit's files, counted while they go up."""
    with bundle.open_run() as run:
        files = {name: io.BytesIO(content) for name, content in bundle.files.items()}
        counted = {name: _Counted(file) for name, file in (files | ({RUN: run} if run else {})).items()}
        # this reads them once, before anything is counted
        operations = [CommitOperationAdd(name, file) for name, file in counted.items()]
        for file in counted.values():
            file.job = job
        yield operations


class _Counted(io.BufferedIOBase):
    """A file that counts for a job, once it has one, how much of it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.job: Job | None = None

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


def _check_pushed(sizes: dict[str, int], there: Repo) -> None:
    """Does the Hub hold what was sent?"""
    missing = [name for name, size in sizes.items() if there.sizes.get(name) != size]
    if missing:
        sentence = "{repo} does not hold {files} as pushed: see whether its .gitignore leaves that out."
        raise Problem(sentence, repo=there.repo_id, files=", ".join(missing))
