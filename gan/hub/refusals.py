"""What goes wrong with the Hub, as sentences."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub import errors
from huggingface_hub.utils import parse_ratelimit_headers

from gan.errors import Problem, reason
from gan.hub import environment
from gan.hub.client import safe
from gan.hub.transport import Unreachable, endpoint
from gan.jobs import Cancelled

TOKEN = re.compile(r"\bhf_[\w.-]{8,}")  # of the Hub


class Missing(Problem):
    """There is no such repository, or none that this token may see."""


@contextmanager
def hub_errors(repo_id: str = "", file: str = "", revision: str | None = None) -> Iterator[None]:
    """Raise what goes wrong with the Hub in here as a Problem, without the request's address or headers; also
    an environment with which it can't be asked.
    """
    environment.check()
    try:
        yield
    except Exception as error:
        if any(isinstance(cause, Cancelled) for cause in _chain(error)):
            raise Cancelled from None
        raise refusal(error, repo_id, file, revision) from None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def refusal(error: BaseException, repo_id: str = "", file: str = "", revision: str | None = None) -> Problem:
    """The Problem for whatever huggingface_hub raised."""
    causes = list(_chain(error))
    for cause in causes:
        if isinstance(cause, Problem):
            return cause
        if isinstance(cause, errors.HfHubHTTPError) and cause.response is not None:
            return _of_status(cause, repo_id, file, revision)
    for cause in causes:
        if isinstance(cause, errors.HFValidationError):
            return Problem("The Hub can't be asked for '{repo}': {why}.", repo=repo_id, why=_words(cause))
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return Problem("The disk is full: free some space, then try again. Nothing was kept of it.")
        if isinstance(cause, OSError) and "Consistency check failed" in str(cause):
            return Unreachable("{file} of {repo} came incomplete: try again.", file=file, repo=repo_id)
        if isinstance(cause, OSError) and cause.errno:
            sentence = "{file} can't be written or read: {why}."
            return Problem(sentence, file=cause.filename or file, why=reason(cause))
        if isinstance(cause, ValueError) and "LFS batch API returned errors" in str(cause):
            words = _words(str(cause).rpartition("`")[2])
            return Problem("The Hub refuses a file of {repo}: {words}.", repo=repo_id, words=words)
    sentence = "The Hub's answer about {repo} makes no sense ({why}): try again, or ask the Hub's people."
    return Problem(sentence, repo=repo_id or endpoint(), why=type(error).__name__)


BY_KIND = {  # the first that fits: some are kinds of others
    errors.GatedRepoError: "{repo} is gated: open its page on the Hub, accept its terms, then pull with your "
    "own token.",
    errors.DisabledRepoError: "{repo} has been disabled by the Hub: nothing can be read from it.",
    errors.RevisionNotFoundError: "{repo} has no branch, tag or commit '{revision}': leave it empty for the "
    "main branch.",
    errors.EntryNotFoundError: "{repo} has no {file}: it is no generator of this program.",
    errors.RepositoryNotFoundError: "There is no {repo} that you may see: check the name, or sign in with a "
    "token that can read it.",
}
BY_STATUS = {
    401: "The Hub does not accept this token: it is mistyped, expired or revoked. Sign in again.",
    402: "The Hub wants to be paid for this: {words}.",
    403: "You may not do this with {repo}: {words}. Use a token that may write there, or a name of your own.",
    404: "There is no {repo} on the Hub: check the name.",
    408: "The Hub gave up waiting: try again, nothing is lost.",
    409: "{repo} is taken or just being changed: {words}. Try again, or choose another name.",
    412: "Somebody has changed {repo} since you looked: look again, then push.",
    413: "The Hub finds this too large: {words}.",
    429: "The Hub asks to wait: try again in {wait} s. It counts requests by account, or by address where "
    "nobody is signed in.",
}
BUSY = "The Hub has trouble of its own ({status}): try again in a while, nothing is lost."
OTHER = "The Hub refuses this for {repo} ({status}: {words})."
SHORT_COMMIT = "{repo} has no branch or tag '{revision}': a commit is named by all its 40 digits."


def _of_status(error: errors.HfHubHTTPError, repo_id: str, file: str, revision: str | None) -> Problem:
    words = _words(error.server_message or error.response.headers.get("X-Error-Message") or "").strip(" .")
    is_missing = isinstance(error, errors.RepositoryNotFoundError)
    return (Missing if is_missing and not isinstance(error, errors.GatedRepoError) else Problem)(
        _sentence(error, revision or ""),
        repo=repo_id or endpoint(),
        file=file or "such file",
        revision=revision or "main",
        words=words or "no reason given",
        status=error.response.status_code,
        wait=_wait(error.response),
    )


def _words(text: object) -> str:
    """A stranger's words; a token that they tell back is nobody's to read."""
    return safe(TOKEN.sub("hf_…", str(text)))


def _sentence(error: errors.HfHubHTTPError, revision: str) -> str:
    status = error.response.status_code
    for kind, sentence in BY_KIND.items():
        if isinstance(error, kind):
            is_short = kind is errors.RevisionNotFoundError and re.fullmatch("[0-9a-f]{4,39}", revision)
            return SHORT_COMMIT if is_short else sentence
    return BUSY if status >= 500 else BY_STATUS.get(status, OTHER)


def _wait(response: httpx2.Response) -> int:
    """Seconds until the Hub answers again, as it says itself; a minute where it does not."""
    try:
        limit = parse_ratelimit_headers(response.headers)
    except ValueError:
        limit = None
    if limit is not None:
        return limit.reset_in_seconds
    after = response.headers.get("Retry-After", "")
    return int(after) if after.isdecimal() else 60
