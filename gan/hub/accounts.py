"""Who somebody is on the Hub: a token, and what the Hub says of it.

A token stays in the memory of the session whose visitor gave it; no text that is made of an account shows it.
"""

import os
from dataclasses import dataclass

from huggingface_hub import get_token
from pydantic import SecretStr

from gan.errors import Problem, os_errors_as
from gan.hub.client import api, safe
from gan.hub.refusals import hub_errors
from gan.limits import is_public


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
    if not token.isascii() or not token.isprintable() or " " in token or not 4 <= len(token) <= 4096:
        raise Problem("That is no token: copy it whole from the Hub's settings, Access Tokens.")
    with hub_errors():
        about = api().whoami(token=token)
    role = (about.get("auth", {}).get("accessToken") or {}).get("role")
    return Account(safe(about.get("name"), 96), SecretStr(token), role != "read")


def saved_login() -> SecretStr | None:
    """HF_TOKEN, or the token this machine's user has saved. None in public mode and on any Space: there it is
    the owner's, and never a visitor's. Raises Problem.
    """
    if is_public() or "SPACE_ID" in os.environ:
        return None
    message = "{file} can't be read ({why}): set HF_TOKEN to your token, or HF_HOME to a folder of your own."
    with os_errors_as(message):
        token = get_token()
    return SecretStr(token) if token else None
