"""Accounts and repositories: made, listed, looked up, branched."""

import hashlib
import json
import re

from tests.hub_server.connection import Connection
from tests.hub_server.state import LARGE, Commit, Repo


class Repos(Connection):
    """Answers about accounts and repositories."""

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
