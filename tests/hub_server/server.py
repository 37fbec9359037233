"""The server: the Hub, and the same machine under another host name, for LFS."""

import hashlib
import re
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from itertools import count

from tests.hub_server.downloads import Downloads
from tests.hub_server.repos import Repos
from tests.hub_server.sign_in import SignIn
from tests.hub_server.state import Commit, Fault, Repo, User
from tests.hub_server.uploads import Uploads

ID, REVISION = r"([^/]+/[^/]+)", r"([^/]+|refs/pr/\d+)"


class Handler(Repos, Uploads, Downloads, SignIn):
    """All that is answered."""

    routes = [
        ("GET", "/oauth/authorize", "authorize"),
        ("POST", "/oauth/token", "token"),
        ("GET", "/api/whoami-v2", "whoami"),
        ("POST", "/api/repos/create", "create"),
        ("POST", "/api/validate-yaml", "nothing"),
        ("GET", "/api/models", "listing"),
        ("GET", f"/api/models/{ID}", "info"),
        ("GET", f"/api/models/{ID}/revision/{REVISION}", "info"),
        ("POST", f"/api/models/{ID}/branch/{REVISION}", "branch"),
        ("POST", f"/api/models/{ID}/preupload/{REVISION}", "preupload"),
        ("POST", f"/api/models/{ID}/commit/{REVISION}", "commit"),
        ("POST", rf"/{ID}\.git/info/lfs/objects/batch", "batch"),
        ("PUT", r"/lfs-upload/([0-9a-f]+)", "receive"),
        ("POST", "/lfs-verify", "verify"),
        ("GET", r"/lfs/([0-9a-f]+)", "large"),
        ("HEAD", f"/{ID}/resolve/{REVISION}/(.+)", "resolve"),
        ("GET", f"/{ID}/resolve/{REVISION}/(.+)", "resolve"),
    ]


class HubServer:
    """The server. `address` is the Hub, `elsewhere` the same machine under another host name, for LFS."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.repos: dict[str, Repo] = {}
        self.large: dict[str, bytes] = {}
        self.faults: list[Fault] = []
        self.log: list[tuple[str, str, str, str]] = []  # method, path, Authorization header, host
        self.cookies: list[str] = []  # that ever came back
        self.codes: dict[str, dict[str, str]] = {}  # what was asked for with a sign-in's code
        self.hashes = count(1)
        self.open_sockets: set[socket.socket] = set()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.hub, self.http.daemon_threads = self, True
        self.port = self.http.server_address[1]
        self.address, self.elsewhere = f"http://127.0.0.1:{self.port}", f"http://localhost:{self.port}"
        self.started = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.started.start()

    def stop(self) -> None:
        """Answer nobody any more, not even on connections kept alive."""
        self.http.shutdown()
        self.http.server_close()
        for one in list(self.open_sockets):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def user(self, name: str, token: str, **more) -> User:
        """A new account."""
        self.users[token] = User(name, token, **more)
        return self.users[token]

    def repo(self, name: str, files: dict[str, bytes] | None = None, **more) -> Repo:
        """A new repository with one commit."""
        repo = self.repos[name] = Repo(name, **more)
        self.add(repo, "main", dict(files or {}))
        return repo

    def add(self, repo: Repo, branch: str, files: dict[str, bytes], message: str = "") -> Commit:
        """A commit on top of a branch."""
        date = datetime.fromtimestamp(1_790_000_000 + next(self.hashes), UTC).strftime(
            "%Y-%m-%dT%H:%M:%S.000Z"
        )
        sha = hashlib.sha1(f"{repo.name}{branch}{date}".encode()).hexdigest()
        commit = Commit(sha, files, message, date)
        repo.branches.setdefault(branch, []).append(commit)
        return commit

    def fail(self, method: str, pattern: str, do: Callable, after: int = 0, times: int = 10**9) -> None:
        """Do something else with requests of that method whose path matches."""
        self.faults.append(Fault(method, pattern, do, after, times))

    def heard(self, method: str, pattern: str) -> int:
        """How many such requests came."""
        return sum(m == method and bool(re.search(pattern, p)) for m, p, *_ in self.log)
