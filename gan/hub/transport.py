"""The line to the Hub: requests that are answered, or given up in time.

Left to itself, huggingface_hub tries a request again for up to 23 seconds, or sleeps as long as a rate limit
asks. Here a request has one try and a time limit: who waits decides whether to try again.
"""

import os
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.request import getproxies

import httpx2
from huggingface_hub import is_offline_mode, set_client_factory
from huggingface_hub.utils import hf_raise_for_status
from huggingface_hub.utils.logging import set_verbosity_error

from gan.errors import Problem
from gan.network import proxy_setting, unusable_proxy, with_scheme

ENDPOINT = "https://huggingface.co"
MAX_ANSWER = 16 << 20  # bytes of an answer that is no file
MAX_CONNECT, MAX_SILENCE = 5.0, 12.0  # seconds: to reach the Hub, and without a single byte from it
CANNOT_REACH = "{host} can't be reached: check the network, then try again. Generators and runs here work on."
NOT_THROUGH = (
    "{host} can't be reached through the proxy of {name}, '{value}': check that address, or unset it."
)
UNTRUSTED = (
    "{host} shows a certificate that this machine does not trust ({why}): where your network has certificates"
    " of its own, have SSL_CERT_FILE name a file that holds them."
)
BROKE = "The connection to {host} broke in the middle: try again, nothing is lost."


class Unreachable(Problem):
    """The Hub did not answer, or stopped in the middle."""


def endpoint() -> str:
    """The Hub's address, without a slash at its end; gan.hub.environment checks it before it is asked."""
    return (os.environ.get("HF_ENDPOINT") or ENDPOINT).rstrip("/")


def _client() -> httpx2.Client:
    return httpx2.Client(
        event_hooks={"request": [_stay_offline], "response": [_refuse_at_once]},
        follow_redirects=True,
        timeout=httpx2.Timeout(MAX_SILENCE, connect=MAX_CONNECT),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # one client serves all visitors
        transport=_Transport(),
        mounts=_proxies(),
    )


def _proxies() -> dict[str, httpx2.HTTPTransport]:
    """The environment's proxies, which a transport of one's own would pass by. Raises Problem for one that
    can't be used.
    """
    proxies = getproxies()
    direct = [host.strip() for host in proxies.pop("no", "").split(",") if host.strip()]
    kinds = [kind for kind in ("http", "https", "all") if kind in proxies]
    mounts = {f"{kind}://": _through(kind, proxies[kind]) for kind in kinds}
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
        return _Transport(kind, proxy=with_scheme(url))
    except (ValueError, ImportError, httpx2.InvalidURL):
        raise unusable_proxy(kind) from None


def _stay_offline(request: httpx2.Request) -> None:
    """Nothing leaves the machine where HF_HUB_OFFLINE says so, or its like."""
    if is_offline_mode():
        names = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
        name = next((name for name in names if os.environ.get(name)), names[0])
        raise Unreachable("{name} is set: unset it to use the Hub.", name=name)


def _refuse_at_once(response: httpx2.Response) -> None:
    """Statuses that huggingface_hub would answer by sleeping and trying again."""
    if response.status_code in (408, 429) or response.status_code >= 500:
        response.read()
        hf_raise_for_status(response)


class _Transport(httpx2.HTTPTransport):
    """Raises Unreachable at once where the connection fails, before huggingface_hub tries again. `through` is
    the kind of proxy, where there is one.
    """

    def __init__(self, through: str = "", **options: str) -> None:
        super().__init__(**options)
        self.through = through

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        limits = request.extensions.setdefault("timeout", {})
        for phase in ("connect", "read", "write", "pool"):
            most = MAX_CONNECT if phase == "connect" else MAX_SILENCE
            limits[phase] = min(limits.get(phase) or most, most)
        with _unreachable(request, self.through):
            response = super().handle_request(request)
        is_file = request.method == "GET" and not str(request.url).startswith(f"{endpoint()}/api/")
        response.stream = _Stream(response.stream, request, None if is_file else MAX_ANSWER)
        return response


class _Stream(httpx2.SyncByteStream):
    """An answer's bytes as they come, `most` at most. Raises Unreachable where they end early."""

    def __init__(self, inner: httpx2.SyncByteStream, request: httpx2.Request, most: int | None) -> None:
        self.inner, self.request, self.most = inner, request, most

    def __iter__(self) -> Iterator[bytes]:
        received = 0
        with _unreachable(self.request):
            for piece in self.inner:
                received += len(piece)
                if self.most and received > self.most:
                    raise Problem("The Hub's answer is too long to be true: try something else.")
                yield piece

    def close(self) -> None:
        self.inner.close()


@contextmanager
def _unreachable(request: httpx2.Request, through: str = "") -> Iterator[None]:
    """Raise what goes wrong with the connection, through that kind of proxy, as Unreachable."""
    host = request.url.host
    try:
        yield
    except (httpx2.ConnectTimeout, httpx2.ConnectError, httpx2.ProxyError) as error:
        raise _not_reached(host, through, error) from None
    except httpx2.TimeoutException:
        message = "{host} has been silent for {seconds} s: try again, nothing is lost."
        raise Unreachable(message, host=host, seconds=round(MAX_SILENCE)) from None
    except httpx2.TransportError:
        raise Unreachable(BROKE, host=host) from None


def _not_reached(host: str, through: str, error: BaseException | None) -> Unreachable:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return Unreachable(UNTRUSTED, host=host, why=error.verify_message)
        error = error.__cause__ or error.__context__
    if through:
        name, value = proxy_setting(through)
        return Unreachable(NOT_THROUGH, host=host, name=name, value=value)
    return Unreachable(CANNOT_REACH, host=host)


set_client_factory(_client)
set_verbosity_error()
