"""The line to the Hub: a client that answers or gives up in time, and what it refuses as sentences.

Left to itself, huggingface_hub tries a request again for up to 23 seconds, or sleeps as long as a rate limit
asks. Here a request has one try and a time limit: who waits decides whether to try again.
"""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.request import getproxies

import httpx2
from huggingface_hub import HfApi, errors, is_offline_mode, set_client_factory
from huggingface_hub.utils import hf_raise_for_status, parse_ratelimit_headers
from huggingface_hub.utils.logging import set_verbosity_error

from gan.errors import Problem, printable
from gan.jobs import Cancelled

MAX_ANSWER = 16 << 20  # bytes of an answer that is no file
CONNECT, SILENCE = 5.0, 12.0  # seconds: to reach the Hub, and without a single byte from it
ENDPOINT = "https://huggingface.co"
TAG = "gan-workbench"  # finds the generators of this program on the Hub
RUN_TAG = "gan-workbench-run"  # those whose whole run is there, too
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"

Token = str | bool  # a token, or False for none; never None or True, which would mean somebody's saved one


def api() -> HfApi:
    """The Hub's client for HF_ENDPOINT."""
    return HfApi(endpoint=endpoint())


def endpoint() -> str:
    """The Hub's address, without a slash at its end."""
    return (os.environ.get("HF_ENDPOINT") or ENDPOINT).rstrip("/")


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


# --- the client --------------------------------------------------------------------------------------


def _client() -> httpx2.Client:
    return httpx2.Client(
        event_hooks={"request": [_stay_offline], "response": [_refuse_at_once]},
        follow_redirects=True,
        timeout=httpx2.Timeout(SILENCE, connect=CONNECT),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # one client serves all visitors
        transport=_Transport(),
        mounts=_proxies(),
    )


def _proxies() -> dict[str, httpx2.HTTPTransport]:
    """The environment's proxies, which a transport of one's own would pass by. Raises Problem for one that
    can't be used.
    """
    found = getproxies()
    direct = [host.strip() for host in found.pop("no", "").split(",") if host.strip()]
    mounts = {
        f"{kind}://": _through(kind, url) for kind, url in found.items() if kind in ("http", "https", "all")
    }
    if "*" in direct or not mounts:
        return {}
    for host in ["localhost", "127.0.0.1", *direct]:
        name = host if host.count(":") > 1 else re.sub(r":\d+$", "", host).lstrip(".")
        name = f"[{name.strip('[]')}]" if ":" in name else name
        for pattern in (f"all://{name}", f"all://*.{name}"):
            with suppress(httpx2.InvalidURL):
                httpx2.URL(pattern)
                mounts[pattern] = _Transport()
    return mounts


def _through(kind: str, url: str) -> httpx2.HTTPTransport:
    try:
        return _Transport(proxy=url if "://" in url else f"http://{url}")
    except (ValueError, ImportError, httpx2.InvalidURL):
        sentence = "The {kind} proxy of the environment can't be used: set {name}_PROXY to http://host:port."
        raise Problem(sentence, kind=kind, name=kind.upper()) from None


def _stay_offline(request: httpx2.Request) -> None:
    """Nothing leaves the machine where HF_HUB_OFFLINE says so."""
    if is_offline_mode():
        raise Unreachable("HF_HUB_OFFLINE is set: unset it to use the Hub.")


def _refuse_at_once(response: httpx2.Response) -> None:
    """Statuses that huggingface_hub would answer by sleeping and trying again."""
    if response.status_code in (408, 429) or response.status_code >= 500:
        response.read()
        hf_raise_for_status(response)


class _Transport(httpx2.HTTPTransport):
    """Trouble on the line is told at once, before huggingface_hub tries again."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        limits = request.extensions.setdefault("timeout", {})
        for phase, most in (("connect", CONNECT), ("read", SILENCE), ("write", SILENCE), ("pool", SILENCE)):
            limits[phase] = min(limits.get(phase) or most, most)
        with _unreachable(request):
            response = super().handle_request(request)
        is_file = request.method == "GET" and not str(request.url).startswith(f"{endpoint()}/api/")
        response.stream = _Stream(response.stream, request, None if is_file else MAX_ANSWER)
        return response


class _Stream(httpx2.SyncByteStream):
    """An answer's bytes as they come; a line that breaks in their middle is told, too."""

    def __init__(self, inner: httpx2.SyncByteStream, request: httpx2.Request, most: int | None):
        self.inner, self.request, self.most = inner, request, most

    def __iter__(self) -> Iterator[bytes]:
        come = 0
        with _unreachable(self.request):
            for piece in self.inner:
                come += len(piece)
                if self.most and come > self.most:
                    raise Problem("The Hub's answer is too long to be true: try something else.")
                yield piece

    def close(self) -> None:
        self.inner.close()


@contextmanager
def _unreachable(request: httpx2.Request) -> Iterator[None]:
    host = request.url.host
    try:
        yield
    except httpx2.ConnectTimeout:
        raise Unreachable(CANNOT_REACH, host=host) from None
    except httpx2.TimeoutException:
        message = "{host} has been silent for {seconds} s: try again, nothing is lost."
        raise Unreachable(message, host=host, seconds=round(SILENCE)) from None
    except httpx2.ConnectError:
        raise Unreachable(CANNOT_REACH, host=host) from None
    except httpx2.TransportError:
        message = "The connection to {host} broke in the middle: try again, nothing is lost."
        raise Unreachable(message, host=host) from None


CANNOT_REACH = "{host} can't be reached: check the network, then try again. Generators and runs here work on."


class Unreachable(Problem):
    """The Hub did not answer, or stopped in the middle."""


class Missing(Problem):
    """There is no such repository, or none that this token may see."""


set_client_factory(_client)
set_verbosity_error()


# --- refusals as sentences ---------------------------------------------------------------------------


@contextmanager
def told(repo_id: str = "", file: str = "", revision: str | None = None) -> Iterator[None]:
    """What goes wrong with the Hub inside becomes a Problem, without the request's address or headers."""
    try:
        yield
    except Exception as error:
        if any(isinstance(cause, Cancelled) for cause in _chain(error)):
            raise Cancelled from None
        raise explain(error, repo_id, file, revision) from None


def explain(error: BaseException, repo_id: str = "", file: str = "", revision: str | None = None) -> Problem:
    """The sentence for whatever huggingface_hub raised."""
    causes = list(_chain(error))
    for cause in causes:
        if isinstance(cause, Problem):
            return cause
        if isinstance(cause, errors.HfHubHTTPError) and cause.response is not None:
            return _explain_status(cause, repo_id, file, revision)
    for cause in causes:
        if isinstance(cause, errors.HFValidationError):
            return Problem("The Hub can't be asked for '{repo}': {why}.", repo=repo_id, why=safe(cause))
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return Problem("The disk is full: free some space, then try again. Nothing was kept of it.")
        if isinstance(cause, OSError) and "Consistency check failed" in str(cause):
            return Unreachable("{file} of {repo} came incomplete: try again.", file=file, repo=repo_id)
        if isinstance(cause, OSError) and cause.errno:
            sentence = "{file} can't be written or read: {why}."
            return Problem(sentence, file=cause.filename or file, why=cause.strerror)
        if isinstance(cause, ValueError) and "LFS batch API returned errors" in str(cause):
            words = safe(str(cause).rpartition("`")[2])
            return Problem("The Hub refuses a file of {repo}: {words}.", repo=repo_id, words=words)
    sentence = "The Hub's answer about {repo} makes no sense ({why}): try again, or ask the Hub's people."
    return Problem(sentence, repo=repo_id or endpoint(), why=type(error).__name__)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _explain_status(error: errors.HfHubHTTPError, repo_id: str, file: str, revision: str | None) -> Problem:
    status, about = error.response.status_code, {"repo": repo_id or endpoint()}
    words = safe(error.server_message or error.response.headers.get("X-Error-Message") or "").strip(" .")
    if isinstance(error, errors.GatedRepoError):
        return Problem(
            "{repo} is gated: open its page on the Hub, accept its terms, then pull with your own token.",
            **about,
        )
    if isinstance(error, errors.DisabledRepoError):
        return Problem("{repo} has been disabled by the Hub: nothing can be read from it.", **about)
    if isinstance(error, errors.RevisionNotFoundError):
        sentence = "{repo} has no branch, tag or commit '{revision}': leave it empty for the main branch."
        if re.fullmatch("[0-9a-f]{4,39}", revision or ""):
            sentence = "{repo} has no branch or tag '{revision}': a commit is named by all its 40 digits."
        return Problem(sentence, **about, revision=revision or "main")
    if isinstance(error, errors.EntryNotFoundError):
        return Problem(
            "{repo} has no {file}: it is no generator of this program.", **about, file=file or "such file"
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return Missing(
            "There is no {repo} that you may see: check the name, or sign in with a token that can read it.",
            **about,
        )
    if status == 429:
        return Problem(
            "The Hub asks to wait: try again in {wait} s. It counts requests by account, or by address "
            "where nobody is signed in.",
            wait=_wait(error.response),
        )
    if status in STATUS:
        return Problem(STATUS[status], **about, words=words or "no reason given")
    if status >= 500:
        sentence = "The Hub has trouble of its own ({status}): try again in a while, nothing is lost."
        return Problem(sentence, status=status)
    sentence = "The Hub refuses this for {repo} ({status}: {words})."
    return Problem(sentence, **about, status=status, words=words or "no reason given")


STATUS = {
    401: "The Hub does not accept this token: it is mistyped, expired or revoked. Sign in again.",
    402: "The Hub wants to be paid for this: {words}.",
    403: "You may not do this with {repo}: {words}. Use a token that may write there, or a name of your own.",
    404: "There is no {repo} on the Hub: check the name.",
    408: "The Hub gave up waiting: try again, nothing is lost.",
    409: "{repo} is taken or just being changed: {words}. Try again, or choose another name.",
    412: "Somebody has changed {repo} since you looked: look again, then push.",
    413: "The Hub finds this too large: {words}.",
}


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
