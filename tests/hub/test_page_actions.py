"""What the Hub page does behind its buttons: whose listings are shown to whom, and what is kept of a pull."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from gan.errors import Problem
from gan.hub import page_actions
from gan.hub.downloads import PULLED, downloads_in
from gan.hub.page_actions import listing, pull_generator, pull_whole_run
from gan.jobs import Job
from gan.runs.run import Run
from tests.hub.pushing import ADA, BOB, parcel_for, pushed
from tests.hub_server import HubServer


@pytest.fixture(autouse=True)
def nothing_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_actions, "_listings", {})


def names(token: str | bool, search: str = "") -> list[str]:
    return [one.repo_id for one in listing(token, search)]


def test_what_one_visitor_may_see_is_not_listed_for_another(hub: HubServer, run: Run, job: Job) -> None:
    pushed(run, job, "ada/secret")
    pushed(run, job, "ada/open", private=False)
    assert names(ADA) == ["ada/open", "ada/secret"]
    assert names(False) == names(BOB) == ["ada/open"]
    assert names(ADA) == ["ada/open", "ada/secret"]


def test_what_is_public_is_asked_for_once_a_minute_for_each_search(
    hub: HubServer, run: Run, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed(run, job, "ada/one", private=False)
    pushed(run, job, "ada/two", private=False)
    hub.log.clear()
    for _ in range(3):
        assert names(False) == ["ada/two", "ada/one"] and names(False, "one") == ["ada/one"]
    assert hub.heard("GET", "/api/models") == 2
    monkeypatch.setattr(page_actions, "FRESH", 0.0)
    pushed(run, job, "ada/three", private=False)
    assert names(False) == ["ada/three", "ada/two", "ada/one"]


def test_searches_of_strangers_fill_no_memory(hub: HubServer, run: Run, job: Job) -> None:
    for number in range(60):
        listing(False, f"{number}")
    assert len(page_actions._listings) == 50


def test_a_generator_that_draws_nothing_is_not_kept(
    hub: HubServer, run: Run, job: Job, tmp_path: Path
) -> None:
    """Its sizes and its header are right; only a worker that loads it sees that it is broken."""
    pushed(run, job)
    kept = pull_generator("ada/digits", None, ADA, tmp_path / "mine", job)
    assert [one.folder for one in downloads_in(tmp_path / "mine")] == [kept.folder]
    files = dict(hub.repos["ada/digits"].files)
    tensors = load(files["model.safetensors"])
    broken = {name: np.full_like(tensor, np.nan) for name, tensor in tensors.items()}
    hub.repo("eve/broken", files | {"model.safetensors": save(broken)})
    with pytest.raises(Problem, match="not finite"):
        pull_generator("eve/broken", None, False, tmp_path / "mine", job)
    assert [folder.name for folder in (tmp_path / "mine" / PULLED).iterdir()] == [kept.folder.name]


def test_a_visitor_without_room_pulls_nothing(
    hub: HubServer, run: Run, job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed(run, job, parcel=parcel_for(run, whole=True))
    monkeypatch.setenv("GAN_MAX_MEGABYTES", "1")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "full").write_bytes(bytes(1_000_000))
    hub.log.clear()
    for pull in (pull_generator, pull_whole_run):
        with pytest.raises(Problem, match="1 MB"):
            pull("ada/digits", None, ADA, tmp_path / "mine", job)
    assert not hub.heard("GET", "/resolve/|/lfs/") and [
        one.name for one in (tmp_path / "mine").iterdir()
    ] == ["full"]
