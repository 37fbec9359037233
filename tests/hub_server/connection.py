"""One connection: requests in, answers out, and who may see what."""

import json
import re
import socket
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from tests.hub_server.state import Repo, User

if TYPE_CHECKING:
    from tests.hub_server.server import HubServer


class Connection(BaseHTTPRequestHandler):
    """Reads a request and finds who answers it: a method named in `routes` beside a pattern of paths."""

    disable_nagle_algorithm = True  # the second piece of an answer would wait 40 ms for the first's receipt
    protocol_version = "HTTP/1.1"
    routes: list[tuple[str, str, str]] = []  # an HTTP method, a path's pattern, the name of a method here
    tear, mute = 1.0, False

    @property
    def hub(self) -> "HubServer":
        return self.server.hub

    def setup(self) -> None:
        super().setup()
        self.hub.open_sockets.add(self.connection)

    def finish(self) -> None:
        self.hub.open_sockets.discard(self.connection)
        try:
            super().finish()
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def do(self) -> None:
        """Any request."""
        self.tear, self.mute = 1.0, False
        self.hub.cookies += self.headers.get_all("Cookie") or []
        told = self.headers.get("Authorization") or ""
        self.hub.log.append((self.command, self.path, told, self.headers.get("Host") or ""))
        try:
            for fault in self.hub.faults:
                if fault.method == self.command and re.search(fault.pattern, self.path):
                    fault.seen += 1
                    if fault.after < fault.seen <= fault.after + fault.times and fault.do(self):
                        return
            self.route()
        except OSError:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do

    def route(self) -> None:
        """Find who answers."""
        path, self.query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        for method, pattern, answer in self.routes:
            if method == self.command and (found := re.fullmatch(pattern, path)):
                getattr(self, answer)(*(unquote(group) for group in found.groups()))
                return
        self.read()
        self.answer(404, {"error": "Not Found"})

    def read(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, code: int, body: object = None, headers: dict[str, str] | None = None) -> None:
        headers = (headers or {}) | {"Set-Cookie": "visit=1; Path=/"}
        if self.mute:
            self.cut()
            return
        content = body if isinstance(body, bytes) else json.dumps(body if body is not None else {}).encode()
        self.send_response(code)
        for key, value in {"Content-Length": str(len(content)), "Content-Type": "application/json"}.items():
            if key not in (headers or {}):
                self.send_header(key, value)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: round(len(content) * self.tear)])
            if self.tear < 1:
                self.wfile.flush()
                self.cut()

    def cut(self) -> None:
        """Hang up."""
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def caller(self) -> User | None:
        """The account of the token; answers 401 itself for a token nobody has."""
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        return self.hub.users.get(token)

    def bad_token(self) -> bool:
        told = self.headers.get("Authorization")
        if told and not self.caller():
            self.read()
            error = "Invalid credentials in Authorization header"
            self.answer(401, {"error": error}, {"X-Error-Message": error})
            return True
        return False

    def visible(self, name: str) -> Repo | None:
        """The repository, where the caller may see it; answers itself where not."""
        if self.bad_token():
            return None
        repo, user = self.hub.repos.get(name), self.caller()
        own = bool(user) and name.split("/")[0] in (user.name, *user.organisations)
        if repo is None or (repo.private and not own):
            self.read()
            error = "Repository not found"
            self.answer(401 if not user else 404, {"error": error}, {"X-Error-Code": "RepoNotFound"})
            return None
        if repo.disabled:
            self.read()
            error = "Access to this resource is disabled."
            self.answer(403, {"error": error}, {"X-Error-Message": error})
            return None
        return repo

    def writable(self, name: str) -> Repo | None:
        repo = self.visible(name)
        if repo is None:
            return None
        user = self.caller()
        if user is None or user.role == "read" or name.split("/")[0] not in (user.name, *user.organisations):
            self.read()
            self.answer(
                403, {"error": "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request"}
            )
            return None
        return repo
