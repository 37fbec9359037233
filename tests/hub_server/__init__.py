"""A Hub of the tests' own: what huggingface_hub says to the real one, answered over real sockets.

Users with tokens, repositories with commits, branches and pull requests, large files by LFS on another host
name, and faults on request: a status, a dropped connection, silence, a slow answer, wrong sizes.
"""

from tests.hub_server.faults import deaf, hang_up, silence, status, torn
from tests.hub_server.server import HubServer
from tests.hub_server.state import Commit, Repo, User

__all__ = ["Commit", "HubServer", "Repo", "User", "deaf", "hang_up", "silence", "status", "torn"]
