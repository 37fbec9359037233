"""Pushes with the real client over real sockets, and what goes wrong on the way."""

import threading

import pytest

from gan.errors import Problem
from gan.hub import transport
from gan.hub.accounts import sign_in
from gan.hub.push import PushRequest, push
from gan.hub.repos import look_up, pull
from gan.jobs import Job
from tests.hub.pushing import (
    ADA,
    BATCH,
    BOB,
    CARL,
    COMMIT,
    CREATE,
    INFO,
    LIMIT,
    UPLOAD,
    WHOAMI,
    commits,
    parcel_for,
    pushed,
)
from tests.hub_server import deaf, hang_up, silence, status


def test_a_push_is_one_commit_of_exactly_the_files_that_were_shown(hub, run, job) -> None:
    parcel = parcel_for(run, whole=True)
    done = pushed(run, job, parcel=parcel, message="twenty steps")
    repo = hub.repos["ada/digits"]
    stored = {name: len(content) for name, content in repo.files.items() if name != ".gitattributes"}
    assert stored == parcel.sizes()
    assert set(stored) == {
        *("README.md", "config.json", "model.safetensors", "samples.png", "curves.png", "run.zip")
    }
    assert commits(hub) == 1 and repo.branches["main"][-1].message == "twenty steps"
    assert repo.private and done.private and done.sha == repo.branches["main"][-1].sha
    assert done.url.endswith(done.sha)


def test_pushing_again_updates_and_pushing_the_same_again_changes_nothing(hub, run, job) -> None:
    first = pushed(run, job)
    again = pushed(run, job)
    assert again.sha == first.sha and commits(hub) == 1
    assert first.changed and not first.notes
    assert not again.changed and "Nothing has changed" in again.notes[0]
    changed = parcel_for(run, licence="cc0-1.0")
    assert pushed(run, job, parcel=changed).sha != first.sha
    assert len(hub.repos["ada/digits"].branches["main"]) == 3  # the empty one, and two pushes
    assert hub.heard("PUT", "/lfs-upload/") == 3  # weights, samples and curves went up once


def test_a_push_to_a_branch_leaves_main_alone_and_pulls_by_its_name(hub, run, job) -> None:
    pushed(run, job)
    before = dict(hub.repos["ada/digits"].files)
    pushed(run, job, parcel=parcel_for(run, licence="other", revision="second"), revision="second")
    assert hub.repos["ada/digits"].files == before
    found = look_up("ada/digits", "second", ADA)
    assert b"license: other" in pull(found, ADA, job)["README.md"]


def test_a_pull_request_needs_no_right_to_write(hub, run, job) -> None:
    pushed(run, job, private=False)
    done = pushed(
        run, job, token=BOB, parcel=parcel_for(run, licence="other"), pull_request=True, private=False
    )
    assert done.url.endswith("/discussions/1")
    assert b"license: mit" in hub.repos["ada/digits"].files["README.md"]


PUSH_FAILURES = {
    "rate limit at sign-in": ("GET", WHOAMI, status(429, "slow down", **LIMIT), "try again in 55 s"),
    "wrong token": ("GET", WHOAMI, status(401, "Invalid user token"), "does not accept this token"),
    "server down": ("GET", INFO, status(503), "trouble of its own (503)"),
    "not allowed to create": (
        "POST",
        CREATE,
        status(403, "You don't have the rights"),
        "You don't have the rights",
    ),
    "quota": ("POST", CREATE, status(403, "Private storage limit reached"), "Private storage limit reached"),
    "unpaid": ("POST", CREATE, status(402, "Upgrade to PRO"), "wants to be paid for this: Upgrade to PRO"),
    "rate limit": ("POST", "/preupload/", status(429, **LIMIT), "try again in 55 s"),
    "rate limit without a time": ("POST", "/preupload/", status(429), "try again in 60 s"),
    "rate limit, Retry-After": ("POST", "/preupload/", status(429, Retry_After="7"), "try again in 7 s"),
    "large files refused": ("POST", BATCH, status(403, "LFS quota exceeded"), "LFS quota exceeded"),
    "upload broken off": ("PUT", UPLOAD, hang_up, "broke in the middle"),
    "storage down": ("PUT", UPLOAD, status(500), "trouble of its own (500)"),
    "storage silent": ("PUT", UPLOAD, silence(3), "has been silent"),
    "too large": ("PUT", UPLOAD, status(413, "Too large"), "finds this too large"),
    "conflict": ("POST", COMMIT, status(412, "A commit has happened since"), "look again, then push"),
    "taken": ("POST", COMMIT, status(409, "busy"), "just being changed: busy"),
    "gateway": ("POST", COMMIT, status(502), "trouble of its own (502)"),
    "nonsense": ("POST", COMMIT, status(200, "not what was asked"), "makes no sense"),
    "teapot": ("POST", COMMIT, status(418, "I'm a teapot"), "418: I'm a teapot"),
    "silence": ("POST", COMMIT, silence(3), "has been silent"),
    "hangs up": ("POST", COMMIT, hang_up, "broke in the middle"),
    "hangs up afterwards": ("POST", COMMIT, deaf, "broke in the middle"),
}


@pytest.mark.parametrize("kind", PUSH_FAILURES)
def test_a_push_that_fails_says_why_publishes_nothing_and_the_next_one_completes_it(
    hub, run, job, monkeypatch, kind
) -> None:
    method, pattern, fault, said = PUSH_FAILURES[kind]
    hub.fail(method, pattern, fault)
    parcel = parcel_for(run)
    with monkeypatch.context() as patch, pytest.raises(Problem) as caught:
        if "silent" in said:
            patch.setattr(transport, "MAX_SILENCE", 1.0)  # seconds
        pushed(run, job, parcel=parcel)
    assert said in str(caught.value)
    assert str(caught.value).isprintable() and ADA not in str(caught.value)
    tried = hub.heard(method, pattern)
    assert 1 <= tried <= (3 if pattern == UPLOAD else 1)  # three large files at once; nothing is tried again
    there = hub.repos.get("ada/digits")
    applied = kind == "hangs up afterwards"
    assert there is None or ("config.json" in there.files) == applied
    hub.faults.clear()
    done = pushed(run, job, parcel=parcel)
    assert {name: hub.repos["ada/digits"].files[name] for name in parcel.files} == parcel.files
    assert (
        done.private and len(hub.repos["ada/digits"].branches["main"]) == 2
    )  # also where it had been applied


def test_somebody_s_commit_made_meanwhile_is_not_overwritten(hub, run, job) -> None:
    pushed(run, job)
    repo = hub.repos["ada/digits"]
    theirs = repo.files | {"config.json": b"theirs", "notes.txt": b"theirs"}

    def meanwhile(handler) -> bool:
        hub.add(repo, "main", theirs, "made meanwhile")
        return False

    hub.fail("POST", COMMIT, meanwhile, times=1)
    parcel = parcel_for(run, licence="other")
    with pytest.raises(
        Problem, match="Somebody has changed ada/digits since you looked: look again, then push"
    ):
        pushed(run, job, parcel=parcel)
    assert repo.files == theirs
    pushed(run, job, parcel=parcel)  # who looks again may go on
    assert repo.files["notes.txt"] == b"theirs" and repo.files["config.json"] == parcel.files["config.json"]


def test_an_upload_broken_off_goes_on_with_what_is_missing(hub, run, job) -> None:
    parcel = parcel_for(run)
    hub.fail("PUT", UPLOAD, hang_up, times=1)
    with pytest.raises(Problem):
        pushed(run, job, parcel=parcel)
    arrived = len(hub.large)
    hub.faults.clear()
    hub.log.clear()
    pushed(run, job, parcel=parcel)
    assert hub.heard("PUT", UPLOAD) == 3 - arrived > 0


def test_a_token_that_may_only_read_is_told_before_anything_is_sent(hub, run, job) -> None:
    with pytest.raises(Problem, match="token of carl may only read"):
        pushed(run, job, "carl/digits", token=CARL)
    assert hub.heard("POST", ".") == 0


def test_a_foreign_name_a_foreign_repository_and_a_public_one_are_not_written_to(hub, run, job) -> None:
    with pytest.raises(Problem, match="You may not do this with bob/digits"):
        pushed(run, job, "bob/digits")
    hub.repo("ada/llama", {"config.json": b"{}", "model.safetensors": b"theirs"})
    with pytest.raises(Problem, match="holds something else: choose another name"):
        pushed(run, job, "ada/llama", private=False)
    pushed(run, job, private=False)
    with pytest.raises(Problem, match="is public, and this push is meant to be private"):
        pushed(run, job)
    assert hub.repos["ada/llama"].files["model.safetensors"] == b"theirs"


@pytest.mark.parametrize("moment", [INFO, CREATE, "/preupload/", BATCH, UPLOAD])
def test_a_cancelled_push_publishes_nothing(hub, run, moment) -> None:
    jobs, parcel, account = [], parcel_for(run), sign_in(ADA)
    began = threading.Event()

    def cancel(handler) -> bool:
        began.wait(20)
        jobs[0].cancel()
        return False

    for method in ("GET", "POST", "PUT"):
        hub.fail(method, moment, cancel)
    jobs.append(Job(lambda job: push(parcel, PushRequest.checked("ada/digits"), account, job)))
    began.set()
    jobs[0].wait(20)
    assert jobs[0].state == "cancelled" and jobs[0].result is None
    assert "ada/digits" not in hub.repos or "config.json" not in hub.repos["ada/digits"].files
    assert not hub.heard("POST", COMMIT)


def test_what_is_being_published_can_not_be_cancelled_and_is_told_as_published(hub, run) -> None:
    jobs, parcel, account = [], parcel_for(run), sign_in(ADA)
    began = threading.Event()

    def cancel(handler) -> bool:
        began.wait(20)
        jobs[0].cancel()
        return False

    hub.fail("POST", COMMIT, cancel)
    jobs.append(Job(lambda job: push(parcel, PushRequest.checked("ada/digits"), account, job)))
    began.set()
    jobs[0].wait(20)
    assert jobs[0].state == "done" and jobs[0].result.sha == hub.repos["ada/digits"].branches["main"][-1].sha


def test_a_pull_request_whose_answer_is_lost_may_be_open(hub, run, job) -> None:
    pushed(run, job, private=False)
    hub.fail("POST", COMMIT, deaf)
    other = parcel_for(run, licence="other")
    with pytest.raises(Problem, match="may be open all the same: look on the Hub first"):
        pushed(run, job, token=BOB, parcel=other, pull_request=True, private=False)


def test_what_one_would_not_expect_of_a_push_is_told(hub, run, job) -> None:
    pushed(run, job, parcel=parcel_for(run, whole=True))
    done = pushed(run, job, private=False)
    assert done.private and "was private before, and stays so" in done.notes[0]
    assert "run.zip of an earlier push stays" in done.notes[1]


def test_what_the_repository_leaves_out_is_not_told_as_pushed(hub, run, job) -> None:
    pushed(run, job)
    hub.repos["ada/digits"].ignored = ("run.zip",)
    with pytest.raises(Problem, match="does not hold run.zip as pushed: see whether its .gitignore"):
        pushed(run, job, parcel=parcel_for(run, whole=True))


def test_what_the_hub_holds_in_another_size_is_not_told_as_pushed(hub, run, job) -> None:
    pushed(run, job)
    hub.repos["ada/digits"].claims["model.safetensors"] = 5
    with pytest.raises(Problem, match="does not hold model.safetensors as pushed"):
        pushed(run, job)


def test_a_repository_that_appears_in_public_meanwhile_gets_nothing_private(hub, run, job) -> None:
    hub.fail("POST", CREATE, lambda handler: hub.repo("ada/digits", {}) and False)
    with pytest.raises(Problem, match="is public, and this push is meant to be private"):
        pushed(run, job)
    assert hub.repos["ada/digits"].files == {} and not hub.heard("PUT", UPLOAD)
