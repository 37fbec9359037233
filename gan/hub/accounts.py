"""Who somebody is on the Hub: a token, and what the Hub says of it.

A token stays in the memory of the session whose visitor gave it; no text that is made of an account shows it.
"""

import os
import re
from dataclasses import dataclass

from huggingface_hub import constants, get_token
from pydantic import SecretStr

from gan.errors import Problem, reason
from gan.hub.client import api, safe
from gan.hub.refusals import hub_errors
from gan.limits import is_public

TOKEN = r"[A-Za-z0-9._~+/-]{4,4096}=*"  # what a header may carry behind "Bearer" (RFC 6750)


@dataclass(frozen=True)
class Account:
    """Who a token speaks for. The token shows in no text made of this."""

    name: str
    token: SecretStr
    may_write: bool

    @property
    def secret(self) -> str:
        """The token itself, for a call to the Hub."""
        return self.token.get_secret_value()


def sign_in(token: str) -> Account:
    """Ask the Hub whose token that is. Raises Problem for one that it does not know."""
    token = token.strip()
    if not re.fullmatch(TOKEN, token):
        raise Problem("That is no token: copy it whole from the Hub's settings, Access Tokens.")
    with hub_errors():
        about = api().whoami(token=token)
    role = (about.get("auth", {}).get("accessToken") or {}).get("role")
    return Account(safe(about.get("name"), 96), SecretStr(token), role != "read")


def saved_login() -> SecretStr | None:
    """HF_TOKEN, or the token this machine's user has saved. None in public mode and on any Space: there it is
    the owner's, and never a visitor's. Raises Problem for one that can't be read or sent.
    """
    token = None if is_public() or "SPACE_ID" in os.environ else _token_here()
    if token and not re.fullmatch(TOKEN, token):
        message = (
            "{place} holds no token: one has letters, digits and . _ - alone, without quotes or spaces. "
            "Copy it whole from the Hub's settings, Access Tokens."
        )
        raise Problem(message, place=_place())
    return SecretStr(token) if token else None


def _token_here() -> str | None:
    try:
        return get_token()
    except Exception as error:  # the system's, the decoder's, or what an exchange of tokens has met
        why = reason(error) if isinstance(error, OSError) else safe(error)
        message = (
            "No token can be had from {place} ({why}): run `hf auth login` again, or set HF_TOKEN. "
            "HF_HOME and HF_TOKEN_PATH say where a login is kept."
        )
        raise Problem(message, place=_place(), why=why) from None


def _place() -> str:
    """Where the token comes from that `get_token` finds."""
    names = ("HF_OIDC_RESOURCE", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
    return next((name for name in names if os.environ.get(name, "").strip()), constants.HF_TOKEN_PATH)
