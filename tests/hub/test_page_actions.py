"""What the Hub page does for one visitor is none of another's business."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gan.errors import Problem
from gan.hub import page_actions
from gan.hub.page_actions import listing, pull_generator, pull_whole_run
from gan.jobs import Job
from gan.runs.run import Run
from tests.hub.pushing import ADA, BOB, parcel_for, pushed
from tests.hub_server import HubServer


@pytest.fixture(autouse=True)
def nothing_is_listed_yet() -> Iterator[None]:
    page_actions._listings.clear()
    yield
    page_actions._listings.clear()


def names(token: str | bool) -> list[str]:
    return [repo.repo_id for repo in listing(token, "")]


def test_what_a_token_may_see_is_listed_to_its_owner_alone(hub: HubServer, run: Run, job: Job) -> None:
    pushed(run, job, "ada/shown", private=False)
    pushed(run, job, "ada/secret")
    assert names(ADA) == ["ada/secret", "ada/shown"]
    assert names(False) == names(BOB) == ["ada/shown"]
    pushed(run, job, "bob/secret", token=BOB)
    assert names(False) == ["ada/shown"]  # the same listing as a moment ago
    assert names(BOB) == ["bob/secret", "ada/shown"] and names(ADA) == ["ada/secret", "ada/shown"]


@pytest.mark.parametrize("fetch", [pull_generator, pull_whole_run])
@pytest.mark.parametrize("token", [BOB, False])
def test_what_is_private_is_pulled_by_nobody_else(
    hub: HubServer, run: Run, job: Job, tmp_path: Path, fetch, token: str | bool
) -> None:
    sha = pushed(run, job, parcel=parcel_for(run, whole=True)).sha
    for revision in (None, sha):
        with pytest.raises(Problem, match="that you may see"):
            fetch("ada/digits", revision, token, tmp_path / "bob", job)
    assert not (tmp_path / "bob").exists()
