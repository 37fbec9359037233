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

from gan.wire import told
from gan.words import Problem

SCOPES = "openid profile contribute-repos"  # makes repositories, and touches no other than those
PATIENCE = 600.0  # seconds from the click to the digits
TRIES = 5
MOST = 1000  # sign-ins under way at once


@dataclass(frozen=True)
class Provider:
    """The OAuth application that a Space gets with `hf_oauth: true`."""

    client_id: str
    client_secret: SecretStr
    url: str
    redirect: str

    @classmethod
    def here(cls) -> "Provider | None":
        """As the Space's environment tells it; None where there is none."""
        found = [
            os.environ.get(name, "") for name in ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "SPACE_HOST")
        ]
        if not all(found):
            return None
        client_id, secret, host = found
        url = os.environ.get("OPENID_PROVIDER_URL") or "https://huggingface.co"
        address = host if "://" in host else f"https://{host}"
        return cls(client_id, SecretStr(secret), url.rstrip("/"), f"{address.rstrip('/')}/hub")


@dataclass
class SignIn:
    """One sign-in under way. `visitor` is whose browser began it."""

    verifier: str
    visitor: str
    began: float = field(default_factory=monotonic)
    token: SecretStr | None = None
    digits: str = ""  # to be typed in; empty where the browser that came back is known to be the same
    tries: int = 0


class SignIns:
    """The sign-ins under way in this process, by their `state`."""

    def __init__(self):
        self._lock = threading.Lock()
        self._under_way: dict[str, SignIn] = {}

    def begin(self, provider: Provider, visitor: str) -> tuple[str, str]:
        """A new sign-in: its state, which only the asking session knows, and the address to open."""
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        with self._lock:
            young = {k: v for k, v in self._under_way.items() if monotonic() - v.began < PATIENCE}
            self._under_way = dict(list(young.items())[-MOST + 1 :]) | {state: SignIn(verifier, visitor)}
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": provider.redirect,
            "scope": SCOPES,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return state, f"{provider.url}/oauth/authorize?{urlencode(asked)}"

    def come_back(self, provider: Provider, state: str, code: str, visitor: str) -> str:
        """What the tab does that returns from the provider: fetch the token. Returns the digits to type where
        one began, empty if the browser is the same. Raises Problem.
        """
        with self._lock:
            sign_in = self._under_way.get(state)
            if sign_in is None or sign_in.token or monotonic() - sign_in.began > PATIENCE:
                raise Problem("This sign-in is over or was never begun here: start it again.")
            verifier, sign_in.verifier = sign_in.verifier, ""  # a code works once
        if not verifier:
            raise Problem("This sign-in is over or was never begun here: start it again.")
        token = _exchange(provider, code, verifier)
        with self._lock:
            sign_in.token = token
            sign_in.digits = (
                "" if visitor and visitor == sign_in.visitor else f"{secrets.randbelow(10**6):06d}"
            )
            return sign_in.digits

    def is_back(self, state: str) -> bool:
        """Has somebody come back from the provider with it?"""
        sign_in = self._under_way.get(state)
        return bool(sign_in and sign_in.token)

    def needs_digits(self, state: str) -> bool:
        """Must the digits be typed?"""
        sign_in = self._under_way.get(state)
        return bool(sign_in and sign_in.digits)

    def take(self, state: str, digits: str = "") -> SecretStr:
        """The token, once, for the session that began. Raises Problem for wrong digits."""
        with self._lock:
            sign_in = self._under_way.get(state)
            if sign_in is None or sign_in.token is None or monotonic() - sign_in.began > PATIENCE:
                raise Problem("This sign-in is over or was never begun here: start it again.")
            sign_in.tries += 1
            if sign_in.tries > TRIES:
                del self._under_way[state]
                raise Problem("Too many wrong digits: start the sign-in again.")
            if not hmac.compare_digest(digits.strip().encode(), sign_in.digits.encode()):
                raise Problem("Those are not the digits the other tab shows.")
            del self._under_way[state]
            return sign_in.token


def _exchange(provider: Provider, code: str, verifier: str) -> SecretStr:
    """The token for a code. Raises Problem."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.redirect,
        "client_id": provider.client_id,
        "code_verifier": verifier,
    }
    with told():
        secret = provider.client_secret.get_secret_value()
        answer = get_session().post(
            f"{provider.url}/oauth/token", data=form, auth=(provider.client_id, secret)
        )
        found = answer.json().get("access_token") if answer.status_code == 200 else None
    if not isinstance(found, str) or not found:
        raise Problem("The Hub did not complete the sign-in: start it again.")
    return SecretStr(found)


sign_ins = SignIns()
