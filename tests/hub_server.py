"""A Hub of the tests' own: what huggingface_hub says to the real one, answered over real sockets.

Users with tokens, repositories with commits, branches and pull requests, large files by LFS on another host
name, and faults on request: a status, a dropped connection, silence, a slow answer, wrong sizes.
"""

import base64
import hashlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

LARGE = (".safetensors", ".zip", ".png", ".bin")


@dataclass
class User:
    """An account and one token of it. `role` is write, read or fineGrained."""

    name: str
    token: str
    role: str = "write"
    organisations: tuple[str, ...] = ()


@dataclass
class Commit:
    """All files at that commit: contents by path."""

    sha: str
    files: dict[str, bytes]
    message: str = ""
    date: str = ""


@dataclass
class Repo:
    """A model repository; its branches are lists of commits, the newest last."""

    name: str
    private: bool = False
    gated: bool = False
    disabled: bool = False
    branches: dict[str, list[Commit]] = field(default_factory=dict)
    claims: dict[str, int] = field(default_factory=dict)  # sizes the server tells, wrong ones
    ignored: tuple[str, ...] = ()  # what its .gitignore leaves out

    @property
    def files(self) -> dict[str, bytes]:
        """What is on the main branch now."""
        return self.branches["main"][-1].files

    def commit(self, revision: str) -> Commit | None:
        """The commit a branch or a hash names."""
        if revision in self.branches:
            return self.branches[revision][-1]
        return next((c for b in self.branches.values() for c in b if c.sha == revision), None)


@dataclass
class Fault:
    """What to do with the requests that match: from the `after`-th match on, `times` times.

    `do` gets the handler and returns True where it has answered (or hung up).
    """

    method: str
    pattern: str
    do: Callable[["Handler"], bool]
    after: int = 0
    times: int = 10**9
    seen: int = 0


class HubServer:
    """The server. `address` is the Hub, `elsewhere` the same machine under another host name, for LFS."""

    def __init__(self):
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


# --- faults ------------------------------------------------------------------------------------------


def status(code: int, message: str = "", **headers: str) -> Callable:
    """Answer with a status."""

    def do(handler: "Handler") -> bool:
        handler.read()
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        handler.answer(code, {"error": message} if message else {}, named)
        return True

    return do


def hang_up(handler: "Handler") -> bool:
    """Close the connection without a word, the request's body half read."""
    handler.rfile.read1(1000) if int(handler.headers.get("Content-Length") or 0) else None
    handler.cut()
    return True


def silence(seconds: float) -> Callable:
    """Say nothing for that long, then hang up."""

    def do(handler: "Handler") -> bool:
        time.sleep(seconds)
        handler.cut()
        return True

    return do


def deaf(handler: "Handler") -> bool:
    """Do what is asked, then hang up without saying so."""
    handler.mute = True
    return False


def torn(share: float = 0.5) -> Callable:
    """Send the beginning of a file, then hang up."""

    def do(handler: "Handler") -> bool:
        handler.tear = share
        return False

    return do


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    tear, mute = 1.0, False

    @property
    def hub(self) -> HubServer:
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
        for method, pattern, answer in ROUTES:
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

    # --- who and what ----------------------------------------------------------------------------------

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

    def whoami(self) -> None:
        user = self.caller()
        if user is None:
            self.answer(401, {"error": "Invalid user token"})
            return
        access = {"accessToken": {"displayName": "tests", "role": user.role}}
        orgs = [{"name": name, "type": "org"} for name in user.organisations]
        self.answer(200, {"type": "user", "name": user.name, "orgs": orgs, "auth": access})

    def create(self) -> None:
        asked = json.loads(self.read())
        user = self.caller()
        if user is None:
            self.answer(401, {"error": "Invalid credentials in Authorization header"})
            return
        owner = asked.get("organization") or user.name
        name = f"{owner}/{asked['name']}"
        if user.role == "read" or owner not in (user.name, *user.organisations):
            self.answer(
                403, {"error": f'You don\'t have the rights to create a model under the namespace "{owner}"'}
            )
        elif name in self.hub.repos:
            url = f"{self.hub.address}/{name}"
            self.answer(409, {"error": "You already created this model repo", "url": url})
        else:
            private = asked.get("visibility") == "private" or bool(asked.get("private"))
            self.hub.repo(name, {".gitattributes": b"*.safetensors filter=lfs\n"}, private=private)
            self.answer(200, {"url": f"{self.hub.address}/{name}", "name": name, "id": "x"})

    def listing(self) -> None:
        if self.bad_token():
            return
        user, wanted = self.caller(), self.query.get("filter", [])
        search = self.query.get("search", [""])[0].lower()
        author = self.query.get("author", [""])[0]
        found = []
        for repo in self.hub.repos.values():
            own = bool(user) and repo.name.split("/")[0] == user.name
            told = self.about(repo, repo.branches["main"][-1])
            if (repo.private and not own) or not set(wanted) <= set(told["tags"]):
                continue
            if search in repo.name.lower() and (not author or repo.name.startswith(f"{author}/")):
                found.append(told)
        found.sort(key=lambda told: told["lastModified"], reverse=True)
        self.answer(200, found[: int(self.query.get("limit", ["1000"])[0])])

    def about(self, repo: Repo, commit: Commit, sizes: bool = False) -> dict:
        card = commit.files.get("README.md", b"").decode("utf-8", "replace")
        head = card.split("---")[1] if card.startswith("---") and card.count("---") > 1 else ""
        block = re.search(r"^tags:\n((?:- .*\n)*)", head, re.M)
        tags = [line[2:].strip() for line in (block[1] if block else "").splitlines()]
        siblings = []
        for path, content in commit.files.items():
            size = repo.claims.get(path, len(content))
            large = {"lfs": {"size": size, "sha256": hashlib.sha256(content).hexdigest(), "pointerSize": 134}}
            values = {"size": size, "blobId": hashlib.sha1(content).hexdigest()}
            values |= large if path.endswith(LARGE) else {}
            siblings.append({"rfilename": path} | (values if sizes else {}))
        facts = {"id": repo.name, "modelId": repo.name, "sha": commit.sha, "private": repo.private}
        facts |= {"author": repo.name.split("/")[0], "lastModified": commit.date, "createdAt": commit.date}
        facts |= {"downloads": 3, "likes": 1, "gated": "manual" if repo.gated else False, "disabled": False}
        return facts | {"tags": tags, "siblings": siblings, "_id": "x"}

    def info(self, name: str, revision: str = "main") -> None:
        repo = self.visible(name)
        if repo is None:
            return
        commit = repo.commit(revision)
        if commit is None:
            headers = {"X-Error-Code": "RevisionNotFound", "X-Error-Message": f"Invalid rev id: {revision}"}
            self.answer(404, {"error": f"Invalid rev id: {revision}"}, headers)
            return
        self.answer(200, self.about(repo, commit, sizes="blobs" in self.query))

    def branch(self, name: str, branch: str) -> None:
        asked = json.loads(self.read() or b"{}")
        repo = self.writable(name)
        if repo is None:
            return
        if branch in repo.branches:
            self.answer(409, {"error": "Reference already exists"})
            return
        start = repo.commit(asked.get("startingPoint") or "main")
        repo.branches[branch] = [start]
        self.answer(200, {})

    # --- up ----------------------------------------------------------------------------------------------

    def preupload(self, name: str, revision: str) -> None:
        if "create_pr" in self.query:
            repo = self.visible(name)
        else:
            repo = self.writable(name)
        if repo is None:
            return
        if repo.commit(revision) is None:
            self.read()
            self.answer(404, {"error": "Invalid rev id"}, {"X-Error-Code": "RevisionNotFound"})
            return
        files, there = json.loads(self.read())["files"], repo.commit(revision).files
        told = []
        for path in (one["path"] for one in files):
            mode = {"path": path, "uploadMode": mode_of(path), "shouldIgnore": path in repo.ignored}
            told.append(mode | ({"oid": oid_of(path, there[path])} if path in there else {}))
        self.answer(200, {"files": told})

    def batch(self, name: str) -> None:
        asked = json.loads(self.read())
        objects = []
        for one in asked["objects"]:
            facts = {"oid": one["oid"], "size": one["size"]}
            if one["oid"] not in self.hub.large:
                href = f"{self.hub.elsewhere}/lfs-upload/{one['oid']}"
                verify = f"{self.hub.address}/lfs-verify"
                facts["actions"] = {"upload": {"href": href}, "verify": {"href": verify}}
            objects.append(facts)
        self.answer(200, {"transfer": "basic", "objects": objects})

    def receive(self, oid: str) -> None:
        content = self.read()
        if len(content) < int(self.headers["Content-Length"]):
            self.cut()  # it broke off: nothing of it counts
        elif hashlib.sha256(content).hexdigest() != oid:
            self.answer(400, {"error": "not what was announced"})
        else:
            self.hub.large[oid] = content
            self.answer(200)

    def verify(self) -> None:
        asked = json.loads(self.read())
        known = self.hub.large.get(asked["oid"])
        self.answer(200 if known is not None and len(known) == asked["size"] else 404)

    def commit(self, name: str, revision: str) -> None:
        body = self.read()
        request = "create_pr" in self.query
        repo = self.visible(name) if request else self.writable(name)
        if repo is None:
            return
        before = repo.commit(revision)
        if before is None:
            self.answer(404, {"error": "Invalid rev id"}, {"X-Error-Code": "RevisionNotFound"})
            return
        files, message = dict(before.files), ""
        for line in body.splitlines():
            one = json.loads(line)
            value = one["value"]
            if one["key"] == "header":
                message = value["summary"]
                if value.get("parentCommit") not in (None, before.sha):
                    self.answer(412, {"error": "A commit has happened since. Please refresh and try again."})
                    return
            elif one["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif one["key"] == "lfsFile":
                if value["oid"] not in self.hub.large:
                    self.answer(
                        400, {"error": f"LFS pointer pointed to a file that does not exist: {value['path']}"}
                    )
                    return
                files[value["path"]] = self.hub.large[value["oid"]]
            elif one["key"] == "deletedFile":
                files.pop(value["path"], None)
        branch = revision
        facts = {}
        if request:
            branch = f"refs/pr/{1 + sum(b.startswith('refs/pr/') for b in repo.branches)}"
            repo.branches[branch] = [before]
            facts["pullRequestUrl"] = f"{self.hub.address}/{name}/discussions/{branch.split('/')[-1]}"
        commit = self.hub.add(repo, branch, files, message)
        url = f"{self.hub.address}/{name}/commit/{commit.sha}"
        self.answer(200, {"success": True, "commitUrl": url, "commitOid": commit.sha} | facts)

    # --- down --------------------------------------------------------------------------------------------

    def resolve(self, name: str, revision: str, path: str) -> None:
        repo = self.visible(name)
        if repo is None:
            return
        if repo.gated:
            headers = {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access to model is restricted."}
            self.answer(403, {"error": "Access to model is restricted."}, headers)
            return
        commit = repo.commit(revision)
        if commit is None:
            self.answer(404, {"error": "Invalid rev id"}, {"X-Error-Code": "RevisionNotFound"})
            return
        if path not in commit.files:
            headers = {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit.sha}
            self.answer(404, {"error": "Entry not found"}, headers)
            return
        content = commit.files[path]
        size = repo.claims.get(path, len(content))
        headers = {"X-Repo-Commit": commit.sha, "ETag": f'"{hashlib.sha1(content).hexdigest()}"'}
        if path.endswith(LARGE):
            oid = hashlib.sha256(content).hexdigest()
            self.hub.large.setdefault(oid, content)
            headers |= {"X-Linked-Size": str(size), "X-Linked-Etag": f'"{oid}"'}
            headers["Location"] = f"{self.hub.elsewhere}/lfs/{oid}"
            self.answer(302, b"", headers)
        elif self.command == "HEAD":
            self.answer(200, b"", headers | {"Content-Length": str(size)})
        else:
            self.answer(200, content, headers | {"Content-Type": "text/plain"})

    def large(self, oid: str) -> None:
        self.answer(200, self.hub.large[oid], {"Content-Type": "application/octet-stream"})

    # --- sign in -----------------------------------------------------------------------------------------

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


def oid_of(path: str, content: bytes) -> str:
    """What Git, or LFS, calls that content."""
    if path.endswith(LARGE):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def mode_of(path: str) -> str:
    return "lfs" if path.endswith(LARGE) else "regular"


ID, REVISION = r"([^/]+/[^/]+)", r"([^/]+|refs/pr/\d+)"
ROUTES = [
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


def main() -> None:
    """A Hub to try things by hand: two accounts, nothing in it; it forgets all when it ends."""
    hub = HubServer()
    hub.user("ada", "hf_ada_may_write")
    hub.user("bob", "hf_bob_may_read", role="read")
    print(f"export HF_ENDPOINT={hub.address}  # tokens: {', '.join(hub.users)}", flush=True)
    hub.started.join()


if __name__ == "__main__":
    main()
