"""Signing in with Hugging Face."""

import base64
import hashlib
from urllib.parse import parse_qs, urlencode

from tests.hub_server.connection import Connection


class SignIn(Connection):
    """Hands a token to who began."""

    def authorize(self) -> None:
        """Whoever comes is ada, and agrees."""
        asked = {key: values[0] for key, values in self.query.items()}
        code = f"code-{next(self.hub.hashes)}"
        self.hub.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        self.answer(302, b"", {"Location": f"{asked['redirect_uri']}?{back}"})

    def token(self) -> None:
        """A token for a code, once, to who holds the verifier and the client's secret."""
        form = {key: values[0] for key, values in parse_qs(self.read().decode()).items()}
        asked = self.hub.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        client = base64.b64decode((self.headers.get("Authorization") or "").removeprefix("Basic ")).decode()
        right = asked and asked["code_challenge"] == challenge and client == "client:hidden"
        if not right or form.get("redirect_uri") != asked["redirect_uri"]:
            self.answer(400, {"error": "invalid_grant"})
            return
        token = next(token for token, user in self.hub.users.items() if user.name == "ada")
        self.answer(200, {"access_token": token, "token_type": "bearer", "scope": asked["scope"]})

    def nothing(self) -> None:
        self.read()
        self.answer(200, {})
