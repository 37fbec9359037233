"""What goes up: large files by LFS, and commits."""

import base64
import hashlib
import json

from tests.hub_server.connection import Connection
from tests.hub_server.state import mode_of, oid_of


class Uploads(Connection):
    """Takes files and commits."""

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
