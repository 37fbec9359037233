"""What comes down: files, large ones from another host name."""

import hashlib

from tests.hub_server.connection import Connection
from tests.hub_server.state import LARGE


class Downloads(Connection):
    """Gives files."""

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
