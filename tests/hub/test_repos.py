"""What is pulled from the Hub, listed and looked up, and what goes wrong on the way."""

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import constants

from gan.errors import Problem
from gan.generator.folder import read_source
from gan.hub import transport
from gan.hub.refusals import Missing
from gan.hub.repos import MAX_PRIVATE_PICTURES, MAX_RUN, browse, look_up, pull, pull_run
from gan.jobs import Cancelled, Job
from gan.nets.sampling import latents_for, sample
from gan.nets.weights import load_generator
from gan.pictures.png import MAX_PICTURE
from gan.runner import start
from gan.runs.run import Run
from tests.hub.pushing import ADA, BOB, INFO, LIMIT, PNG, parcel_for, pushed
from tests.hub_server import HubServer, hang_up, silence, status, torn


def test_what_is_pulled_draws_the_same_pictures_bit_for_bit(hub, run, job) -> None:
    pushed(run, job)
    files = pull(look_up("ada/digits", None, ADA), ADA, job)
    latents = latents_for(7, range(65), 5)
    ours, theirs = (
        sample(load_generator(*pair).net, latents)
        for pair in (read_source(run.path), (files["config.json"], files["model.safetensors"]))
    )
    assert torch.equal(ours, theirs)


def test_a_whole_run_is_resumed_from_the_hub_to_the_same_weights(hub, run, job, tmp_path) -> None:
    pushed(run, job, parcel=parcel_for(run, whole=True))
    fetched = pull_run(look_up("ada/digits", None, ADA), ADA, tmp_path / "space", job)
    assert fetched.name == run.name and fetched.info().state == "stopped"
    assert len(fetched.history()) == 20 and fetched.events() == run.events()

    def end(run) -> dict[str, Any]:
        training = start.resume(run)
        while training.state == "running":
            training.tick()
        return training.trainer.state_dict()

    ours, theirs = end(run), end(fetched)
    assert all(torch.equal(ours[g][name], theirs[g][name]) for g in ours for name in ours[g])


def test_a_generator_without_its_run_says_so(hub, run, job, tmp_path) -> None:
    pushed(run, job)
    with pytest.raises(Problem, match="holds a generator, but no run"):
        pull_run(look_up("ada/digits", None, ADA), ADA, tmp_path, job)


def test_browsing_lists_what_this_program_made_the_last_first_and_private_ones_to_their_owner(
    hub, run, job
) -> None:
    pushed(run, job, "ada/one", private=False)
    pushed(run, job, "bob/two", token=BOB, private=False)
    pushed(run, job, "ada/secret")
    hub.repo("eve/llama", {"README.md": b"---\ntags:\n- llama\n---\n"})
    assert [one.repo_id for one in browse(False)] == ["bob/two", "ada/one"]
    assert [one.repo_id for one in browse(ADA)] == ["ada/secret", "bob/two", "ada/one"]
    assert [one.repo_id for one in browse(False, "one")] == ["ada/one"]
    assert not any(one.has_run for one in browse(ADA))
    two, one = browse(False)
    assert one.about == "mlp · digits" and one.picture.startswith(f"{hub.address}/ada/one/resolve/{one.sha}/")
    secret = browse(ADA)[0]
    assert secret.private and b64decode(secret.picture.removeprefix("data:image/png;base64,")) == PNG


def test_another_account_and_nobody_can_not_read_what_was_pulled_privately_before(hub, run, job) -> None:
    pushed(run, job)
    found = look_up("ada/digits", None, ADA)
    pull(found, ADA, job)
    for token in (BOB, False, "hf_nobodys"):
        with pytest.raises(Problem):
            look_up("ada/digits", None, token)
        with pytest.raises(Problem):  # even with its commit known: no cache is shared
            pull(found, token, job)


def test_a_commit_is_named_by_all_its_digits(hub, run, job) -> None:
    sha = pushed(run, job).sha
    assert look_up("ada/digits", sha, ADA).sha == sha
    with pytest.raises(Problem, match="a commit is named by all its 40 digits"):
        look_up("ada/digits", sha[:7], ADA)


PULL_FAILURES = {
    "server down": ("GET", "/api/models/", status(503), "trouble of its own (503)"),
    "rate limit": ("GET", "/api/models/", status(429, **LIMIT), "try again in 55 s"),
    "silence": ("GET", "/api/models/", silence(3), "has been silent"),
    "file down": ("HEAD", "/resolve/", status(503), "trouble of its own (503)"),
    "file silent": ("HEAD", "/resolve/", silence(3), "has been silent"),
    "storage down": ("GET", "/lfs/", status(500), "trouble of its own (500)"),
    "storage hangs up": ("GET", "/lfs/", hang_up, "broke in the middle"),
    "torn in the middle": ("GET", "/lfs/", torn(), "broke in the middle"),
    "torn config": ("GET", "/resolve/.*config", torn(), "broke in the middle"),
}


@pytest.mark.parametrize("kind", PULL_FAILURES)
def test_a_pull_that_fails_says_why_and_the_next_one_works(hub, run, job, monkeypatch, kind) -> None:
    pushed(run, job)
    method, pattern, fault, said = PULL_FAILURES[kind]
    hub.fail(method, pattern, fault)
    with monkeypatch.context() as patch, pytest.raises(Problem) as caught:
        if "silent" in said:
            patch.setattr(transport, "MAX_SILENCE", 1.0)  # seconds
        pull(look_up("ada/digits", None, ADA), ADA, job)
    assert said in str(caught.value)
    hub.faults.clear()
    assert pull(look_up("ada/digits", None, ADA), ADA, job)["config.json"] == read_source(run.path)[0]


def test_missing_private_gated_and_disabled_repositories_are_told_apart_as_far_as_the_hub_does(
    hub, run, job
) -> None:
    pushed(run, job)
    for token in (False, BOB):
        with pytest.raises(Missing, match="no ada/digits that you may see"):
            look_up("ada/digits", None, token)
        with pytest.raises(Missing, match="no ada/nothing that you may see"):
            look_up("ada/nothing", None, token)
    with pytest.raises(Problem, match="no branch, tag or commit 'v9'"):
        look_up("ada/digits", "v9", ADA)
    hub.repos["ada/digits"].gated = True
    with pytest.raises(Problem, match="is gated: open its page on the Hub"):
        pull(look_up("ada/digits", None, ADA), ADA, job)
    hub.repos["ada/digits"].disabled = True
    with pytest.raises(Problem, match="has been disabled"):
        look_up("ada/digits", None, ADA)
    with pytest.raises(Problem, match="does not accept this token"):
        look_up("ada/digits", None, "hf_mistyped")


def test_a_hub_that_is_gone_and_a_machine_that_is_offline_are_told(hub, run, job, monkeypatch) -> None:
    pushed(run, job)
    hub.stop()
    with pytest.raises(Problem, match="can't be reached|broke in the middle"):
        look_up("ada/digits", None, ADA)
    with pytest.raises(Problem, match="127.0.0.1 can't be reached: check the network"):
        browse(False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(Problem, match="HF_HUB_OFFLINE is set"):
        browse(False)


def test_a_cancelled_pull_ends_at_its_next_piece(hub, run, job) -> None:
    pushed(run, job)
    other = Job(lambda job: None)
    other.wait()
    other.state = "running"
    other.cancel()
    with pytest.raises(Cancelled):
        pull(look_up("ada/digits", None, ADA), ADA, other)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "digits",
        "a/b/c",
        "../..",
        "ada/..",
        "ada/x y",
        "ada/é",
        "-a/b",
        "ada/b--c",
        "a" * 200 + "/b",
        "ada/\n",
    ],
)
def test_what_can_be_no_repository_is_refused_without_asking(hub, name) -> None:
    with pytest.raises(Problem, match="is no repository: write it as user/name"):
        look_up(name, None, False)
    assert not hub.log


def test_an_address_of_the_hub_s_page_is_understood(hub, run, job) -> None:
    pushed(run, job)
    assert look_up(f"{hub.address}/ada/digits/", None, ADA).repo_id == "ada/digits"


@pytest.mark.parametrize("revision", ["a b", "../x", "x" * 300, "$(id)", "a\nb"])
def test_what_can_be_no_branch_is_refused(hub, revision) -> None:
    with pytest.raises(Problem, match="is no branch, tag or commit"):
        look_up("ada/digits", revision, False)
    assert not hub.log


def test_a_generator_that_was_shared_with_its_run_is_listed_so(hub: HubServer, run: Run, job: Job) -> None:
    pushed(run, job, "ada/alone")
    pushed(run, job, "ada/whole", parcel=parcel_for(run, "ada/whole", whole=True))
    assert {one.repo_id: one.has_run for one in browse(ADA)} == {"ada/alone": False, "ada/whole": True}
    assert [look_up(f"ada/{name}", None, ADA).has_run for name in ("alone", "whole")] == [False, True]


SAMPLES = {
    "a page": (b"<html><script>alert(1)</script>", False),
    "a drawing": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", False),
    "a picture of 100,000 pixels a side": (PNG[:16] + (100_000).to_bytes(4) * 2 + PNG[24:], False),
    "a large file": (PNG + bytes(MAX_PICTURE), False),
    "a picture": (PNG, True),
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_private_picture_is_shown_where_it_is_a_small_png(hub: HubServer, run: Run, job: Job, kind) -> None:
    pushed(run, job)
    content, shown = SAMPLES[kind]
    hub.repos["ada/digits"].files["samples.png"] = content
    assert bool(browse(ADA)[0].picture) == shown


def test_of_many_private_pictures_the_first_few_are_fetched(hub: HubServer, run: Run, job: Job) -> None:
    files = pushed(run, job) and hub.repos["ada/digits"].files
    for number in range(MAX_PRIVATE_PICTURES + 3):
        hub.repo(f"ada/more-{number}", files, private=True)
    hub.log.clear()
    pictures = [bool(one.picture) for one in browse(ADA)]
    assert pictures == [True] * MAX_PRIVATE_PICTURES + [False] * 4
    assert hub.heard("GET", "/resolve/") == MAX_PRIVATE_PICTURES


def test_a_listing_leaves_out_what_can_be_no_repository(hub: HubServer, run: Run, job: Job) -> None:
    files = pushed(run, job) and hub.repos["ada/digits"].files
    for name in ("eve/<b>x<", "eve/..", "eve", "eve/a/b"):
        hub.repo(name, files)
    assert [one.repo_id for one in browse(ADA)] == ["ada/digits"]


def test_a_repository_that_names_a_file_twice_is_not_trusted(hub: HubServer, run: Run, job: Job) -> None:
    pushed(run, job)
    twice = [{"rfilename": "config.json", "size": size} for size in (5, 7)]
    answer = {"id": "ada/digits", "sha": "a" * 40, "siblings": twice}
    hub.fail("GET", INFO, lambda handler: handler.answer(200, answer) or True)
    with pytest.raises(Problem, match="lists a file twice: it can't be trusted"):
        look_up("ada/digits", None, ADA)


def test_a_run_too_large_to_be_one_is_not_fetched(hub: HubServer, run: Run, job: Job, tmp_path: Path) -> None:
    pushed(run, job, parcel=parcel_for(run, whole=True))
    hub.repos["ada/digits"].claims["run.zip"] = MAX_RUN + 1
    hub.log.clear()
    with pytest.raises(Problem, match="run.zip has 1,073,741,825 bytes, more than the 1,073,741,824"):
        pull_run(look_up("ada/digits", None, ADA), ADA, tmp_path / "mine", job)
    assert not hub.heard("GET|HEAD", "/resolve/") and not (tmp_path / "mine").exists()
