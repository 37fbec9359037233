"""Sign in with Hugging Face on a Space: OAuth 2.0 with PKCE (RFC 6749, RFC 7636), in two browser tabs.

A Space lives in a frame of another site, and shares no cookie and no storage with the tab that comes back
from signing in. So that tab gets the token here, on the server, and shows six digits; typed into the frame,
they hand the token over to the session that asked for it. Whoever is lured into signing in for another's
session would have to tell them the digits. Where both tabs share their storage, no digits are needed.
"""

import hashlib
import hmac
import os
import secrets
import threading
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlencode

from huggingface_hub.utils import get_session
from pydantic import SecretStr

from gan.errors import Problem
from gan.hub.refusals import hub_errors
from gan.hub.transport import ENDPOINT
from gan.network import address, is_address, shown

SCOPES = "openid profile contribute-repos"  # makes repositories, and touches no other than those
MAX_SECONDS = 600.0  # from the click to the digits
MAX_TRIES = 5  # at the digits
OVER = "This sign-in is over or was never begun here: start it again."


@dataclass(frozen=True)
class Provider:
    """The OAuth application that a Space gets with `hf_oauth: true`."""

    client_id: str
    client_secret: SecretStr
    url: str
    redirect: str

    @classmethod
    def here(cls) -> "Provider | None":
        """The one that the Space's environment describes; None where there is none. Raises Problem for one
        that is no address.
        """
        names = ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "SPACE_HOST")
        client_id, secret, host = (os.environ.get(name, "") for name in names)
        if not (client_id and secret and host):
            return None
        home = host if "://" in host else f"https://{host}"
        if not is_address(home):
            raise Problem("SPACE_HOST is '{value}': set it to the name of this machine.", value=shown(host))
        url = address("OPENID_PROVIDER_URL", ENDPOINT)
        return cls(client_id, SecretStr(secret), url, f"{home.rstrip('/')}/hub")


@dataclass
class Arrival:
    """A token that has come back, waiting for the session that asked for it."""

    token: SecretStr
    digits: str  # to be typed in; empty where the same browser came back
    came: float = field(default_factory=monotonic)
    tries: int = 0


class SignIns:
    """The sign-ins of this process. Each is known by its `state` alone, which carries the time of its
    beginning and two signatures: that it was begun here, and for which visitor. Nothing is stored until its
    token is there, so whoever begins many of them pushes nobody out.
    """

    def __init__(self) -> None:
        self._key, self._lock = secrets.token_bytes(32), threading.Lock()
        self._arrivals: dict[str, Arrival] = {}
        self._spent: dict[str, float] = {}  # states whose code was used, and when

    def begin(self, provider: Provider, visitor: str) -> tuple[str, str]:
        """Begin a sign-in. Returns its state, which only the session knows, and the address to open."""
        start = f"{secrets.token_urlsafe(24)}.{int(monotonic())}"
        state = f"{start}.{self._sign(start)}.{self._sign(start, visitor)}"
        challenge = _base64(hashlib.sha256(self._verifier(state).encode()).digest())
        query = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": provider.redirect,
            "scope": SCOPES,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return state, f"{provider.url}/oauth/authorize?{urlencode(query)}"

    def _sign(self, *parts: str) -> str:
        return _base64(hmac.digest(self._key, "/".join(parts).encode(), "sha256"))

    def _verifier(self, state: str) -> str:
        return self._sign("verifier", state)

    def is_open(self, state: str) -> bool:
        """May somebody still come back with that state, or has somebody come back with it and waits?"""
        return state in self._arrivals or (self._is_ours(state) and state not in self._spent)

    def _is_ours(self, state: str) -> bool:
        """Was it begun here, not too long ago?"""
        parts = state.split(".")
        if len(parts) != 4 or not state.isascii():
            return False
        nonce, began, signature, _ = parts
        if not hmac.compare_digest(signature, self._sign(f"{nonce}.{began}")):
            return False
        return monotonic() - int(began) < MAX_SECONDS

    def come_back(self, provider: Provider, state: str, code: str, visitor: str) -> str:
        """Fetch the token, for the tab that returns from the provider. Returns the digits to type where the
        sign-in began, empty where that was the same browser. Raises Problem.
        """
        with self._lock:
            self._forget_the_old()
            if not self._is_ours(state) or state in self._spent:
                raise Problem(OVER)
            self._spent[state] = monotonic()  # a code works once
        token = _exchange(provider, code, self._verifier(state))
        start, _, signature = state.rpartition(".")
        is_same = hmac.compare_digest(signature, self._sign(start.rpartition(".")[0], visitor))
        digits = "" if visitor and is_same else f"{secrets.randbelow(10**6):06d}"
        with self._lock:
            self._arrivals[state] = Arrival(token, digits)
        return digits

    def _forget_the_old(self) -> None:
        now = monotonic()
        self._spent = {state: when for state, when in self._spent.items() if now - when < MAX_SECONDS}
        arrivals = self._arrivals.items()
        self._arrivals = {state: it for state, it in arrivals if now - it.came < MAX_SECONDS}

    def is_back(self, state: str) -> bool:
        """Has somebody come back from the provider with it?"""
        return state in self._arrivals

    def needs_digits(self, state: str) -> bool:
        """Must the digits be typed?"""
        arrival = self._arrivals.get(state)
        return bool(arrival and arrival.digits)

    def take(self, state: str, digits: str = "") -> SecretStr:
        """The token, once, for the session that began. Raises Problem for wrong digits."""
        with self._lock:
            arrival = self._arrivals.get(state)
            if arrival is None or monotonic() - arrival.came > MAX_SECONDS:
                raise Problem(OVER)
            arrival.tries += 1
            if arrival.tries > MAX_TRIES:
                del self._arrivals[state]
                raise Problem("Too many wrong digits: start the sign-in again.")
            if not hmac.compare_digest(digits.strip().encode(), arrival.digits.encode()):
                raise Problem("Those are not the digits the other tab shows.")
            del self._arrivals[state]
            return arrival.token


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _exchange(provider: Provider, code: str, verifier: str) -> SecretStr:
    """The token for a code. Raises Problem."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.redirect,
        "client_id": provider.client_id,
        "code_verifier": verifier,
    }
    with hub_errors():
        secret = provider.client_secret.get_secret_value()
        answer = get_session().post(
            f"{provider.url}/oauth/token", data=form, auth=(provider.client_id, secret)
        )
        token = answer.json().get("access_token") if answer.status_code == 200 else None
    if not isinstance(token, str) or not token:
        raise Problem("The Hub did not complete the sign-in: start it again.")
    return SecretStr(token)


sign_ins = SignIns()
