"""What the environment says of the network: addresses, certificates, proxies. It is checked before anything
is asked of the network, as libraries answer a slip there with an error that names something else.
"""

import os
import re
import ssl
from collections.abc import Collection
from urllib.request import getproxies

from gan.errors import Problem, reason

WEB = ("http", "https")
PROXIES = (*WEB, "socks5", "socks5h")
LONGEST_VALUE = 120  # characters of a variable that are shown
ADDRESS = re.compile(
    r"(?P<scheme>\w+)://([^\s/@]*@)?([\w.-]+|\[[0-9a-fA-F:.]+\])(:(?P<port>\d{1,5}))?(/[^\s\"'<>?#“”‘’«»]*)?"
)


def is_address(text: str, schemes: Collection[str] = WEB) -> bool:
    """Is it the address of a place on the network, such as https://host:port/folder?"""
    found = ADDRESS.fullmatch(text)
    return bool(found) and found["scheme"].lower() in schemes and int(found["port"] or 0) < 65536


def address(name: str, usual: str) -> str:
    """The web address in that variable, or the usual one, without a slash at its end. Raises Problem."""
    value = os.environ.get(name) or usual
    if not is_address(value):
        message = "{name} is '{value}': write it as https://host, or unset it."
        raise Problem(message, name=name, value=shown(value))
    return value.rstrip("/")


def shown(value: str) -> str:
    """A variable's value for a sentence: short, and without the password that may stand before an @."""
    return re.sub(r"^(.*?//)?.*@", r"\1…@", value, flags=re.DOTALL)[:LONGEST_VALUE]


def check_connection() -> None:
    """Raise Problem for certificates or proxies in the environment that can't be used."""
    check_certificates()
    proxies = getproxies()
    for kind in ("http", "https", "all"):
        value = proxies.get(kind)
        if value and not is_address(with_scheme(value), PROXIES):
            raise unusable_proxy(kind)


def check_certificates() -> None:
    """Raise Problem where SSL_CERT_FILE or SSL_CERT_DIR, which stand for the system's, hold none."""
    file, folders = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    try:
        if file:
            ssl.create_default_context(cafile=file)
    except OSError as error:  # ssl's own are some, too
        why = "it holds no certificates" if isinstance(error, ssl.SSLError) else reason(error)
        message = "SSL_CERT_FILE is '{value}' ({why}): name a file of certificates in PEM form, or unset it."
        raise Problem(message, value=file[:LONGEST_VALUE], why=why) from None
    if folders and not file and not any(map(os.path.isdir, folders.split(os.pathsep))):
        message = (
            "SSL_CERT_DIR is '{value}', and there is no such folder: name one of certificates, or unset it."
        )
        raise Problem(message, value=folders[:LONGEST_VALUE])


def with_scheme(proxy: str) -> str:
    """A proxy's address in full: people write host:port too."""
    return proxy if "://" in proxy else f"http://{proxy}"


def unusable_proxy(kind: str) -> Problem:
    """What is said of the proxy for "http", "https" or "all" that can't be used."""
    name, value = proxy_setting(kind)
    message = "{name} is '{value}', which can't be used as a proxy: set it to http://host:port, or unset it."
    return Problem(message, name=name, value=value)


def proxy_setting(kind: str) -> tuple[str, str]:
    """Where the proxy for "http", "https" or "all" is set, and to what."""
    names = sorted((name for name in os.environ if name.lower() == f"{kind}_proxy"), reverse=True)
    name = next((name for name in names if os.environ[name]), f"the system's proxy for {kind}")
    return name, shown(getproxies().get(kind, ""))
