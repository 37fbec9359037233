"""Generators to the Hub and back, with the real client over real sockets, and what goes wrong on the way."""

import errno
import io
import os
import subprocess
import sys
import threading
import zipfile
from base64 import b64decode

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from huggingface_hub.utils import close_session

from bench.browser import HOUSE
from gan.errors import Problem
from gan.generator.folder import read_source
from gan.hub import client, transport
from gan.hub.accounts import saved_login, sign_in
from gan.hub.bundle import make_bundle, zip_bundle
from gan.hub.push import PushRequest, push
from gan.hub.refusals import Missing, hub_errors, refusal
from gan.hub.repos import browse, look_up, pull, pull_run
from gan.jobs import Cancelled, Job
from gan.nets.sampling import latents_for, sample
from gan.nets.weights import load_generator
from gan.recipes.table import RECIPES
from gan.runner import start
from gan.runs.events import SetRate
from gan.runs.order import Order
from gan.runs.run import Run
from tests.hub_server import deaf, hang_up, silence, status, torn

ADA, BOB, CARL = "hf_adas_own_token", "hf_bobs_own_token", "hf_carls_own_token"
RECIPE = RECIPES["mlp"].with_changes({"hidden": (8, 12), "latent_size": 5, "batch_size": 7})
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\0\0\x08\0\0\0\x08" + bytes(40)


pytestmark = pytest.mark.usefixtures("small_digits")


@pytest.fixture
def run(tmp_path) -> Run:
    """A run of 30 steps, stopped and saved at 20."""
    order = Order(RECIPE, "digits", seed=4, steps=30, device="cpu")
    training = start.begin(Run.make(tmp_path / "home" / "mlp-digits-1"), order)
    while training.trainer.steps < 20:
        training.tick(20 - training.trainer.steps)
    SetRate(key="g_rate", new=1e-3).carry_out(training)
    training.stop()
    return training.run


def parcel_for(run: Run, repo_id="ada/digits", **more):
    return make_bundle(*read_source(run.path), PNG, repo_id, run=run, **more)


@pytest.fixture
def job():
    """A job that is not under way: functions that take one can be called here, on this thread."""
    idle = Job(lambda job: None)
    idle.wait()
    return idle


def pushed(run, job, repo_id="ada/digits", token=ADA, parcel=None, **order):
    parcel = parcel or parcel_for(run, repo_id)
    return push(parcel, PushRequest.checked(repo_id, **order), sign_in(token), job)


def commits(hub) -> int:
    return sum(method == "POST" and "/commit/" in path for method, path, *_ in hub.log)


# --- there and back ----------------------------------------------------------------------------------


def test_a_push_is_one_commit_of_exactly_the_files_that_were_shown(hub, run, job):
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


def test_pushing_again_updates_and_pushing_the_same_again_changes_nothing(hub, run, job):
    first = pushed(run, job)
    again = pushed(run, job)
    assert again.sha == first.sha and commits(hub) == 1
    assert first.changed and not first.notes
    assert not again.changed and "Nothing has changed" in again.notes[0]
    changed = parcel_for(run, licence="cc0-1.0")
    assert pushed(run, job, parcel=changed).sha != first.sha
    assert len(hub.repos["ada/digits"].branches["main"]) == 3  # the empty one, and two pushes
    assert hub.heard("PUT", "/lfs-upload/") == 3  # weights, samples and curves went up once


def test_a_push_to_a_branch_leaves_main_alone_and_pulls_by_its_name(hub, run, job):
    pushed(run, job)
    before = dict(hub.repos["ada/digits"].files)
    pushed(run, job, parcel=parcel_for(run, licence="other", revision="second"), revision="second")
    assert hub.repos["ada/digits"].files == before
    found = look_up("ada/digits", "second", ADA)
    assert b"license: other" in pull(found, ADA, job)["README.md"]


def test_a_pull_request_needs_no_right_to_write(hub, run, job):
    pushed(run, job, private=False)
    done = pushed(
        run, job, token=BOB, parcel=parcel_for(run, licence="other"), pull_request=True, private=False
    )
    assert done.url.endswith("/discussions/1")
    assert b"license: mit" in hub.repos["ada/digits"].files["README.md"]


def test_what_is_pulled_draws_the_same_pictures_bit_for_bit(hub, run, job):
    pushed(run, job)
    files = pull(look_up("ada/digits", None, ADA), ADA, job)
    latents = latents_for(7, range(65), 5)
    ours, theirs = (
        sample(load_generator(*pair).net, latents)
        for pair in (read_source(run.path), (files["config.json"], files["model.safetensors"]))
    )
    assert torch.equal(ours, theirs)


def test_a_whole_run_is_resumed_from_the_hub_to_the_same_weights(hub, run, job, tmp_path):
    pushed(run, job, parcel=parcel_for(run, whole=True))
    fetched = pull_run(look_up("ada/digits", None, ADA), ADA, tmp_path / "space", job)
    assert fetched.name == run.name and fetched.info().state == "stopped"
    assert len(fetched.history()) == 20 and fetched.events() == run.events()

    def end(run):
        training = start.resume(run)
        while training.state == "running":
            training.tick()
        return training.trainer.state_dict()

    ours, theirs = end(run), end(fetched)
    assert all(torch.equal(ours[g][name], theirs[g][name]) for g in ours for name in ours[g])


def test_a_generator_without_its_run_says_so(hub, run, job, tmp_path):
    pushed(run, job)
    with pytest.raises(Problem, match="holds a generator, but no run"):
        pull_run(look_up("ada/digits", None, ADA), ADA, tmp_path, job)


@pytest.mark.parametrize("name, ema", [*((name, 0) for name in RECIPES), ("dcgan", 1000)])
def test_the_card_s_own_snippet_draws_the_same_pictures(hub, tmp_path, name, ema):
    from gan.nets.pair import Generator
    from gan.nets.weights import generator_files, with_prefix
    from tests.generators import config_for

    recipe = RECIPES[name].with_changes({"ema": ema})
    net = Generator(28, 28, 1, 100, recipe=recipe, seed=5).model()
    net(torch.randn(64, 100, generator=torch.Generator().manual_seed(0)))  # moves batch norm's statistics
    tensors = net.state_dict()
    if ema:  # the average draws; beside it, weights that draw nothing
        tensors = {key: torch.zeros_like(one) for key, one in tensors.items()} | with_prefix(tensors)
    files = generator_files(tensors, config_for(recipe, 28))
    parcel = make_bundle(*files, PNG, "ada/art")
    hub.repo("ada/art", parcel.files)
    script = parcel.card.split("```python\n")[1].split("```")[0]
    saving = f"\nnp.save({str(tmp_path / 'images.npy')!r}, images)\n"
    only = "import sys\nsys.modules['torch'] = sys.modules['gan'] = None\n"  # neither may be imported
    settings = os.environ | {"HF_ENDPOINT": hub.address, "HF_HUB_DISABLE_XET": "1"}
    output = subprocess.run(
        [sys.executable, "-c", only + script + saving],
        cwd=tmp_path,
        env=settings,
        capture_output=True,
        text=True,
    )
    assert output.returncode == 0, output.stderr
    latents = torch.from_numpy(np.random.default_rng(0).standard_normal((25, 100), dtype="float32"))
    ours = sample(load_generator(*files).net, latents).numpy().transpose(0, 3, 1, 2)
    theirs = np.load(tmp_path / "images.npy")
    assert theirs.shape == ours.shape
    assert np.abs(ours.astype(int) - theirs).max() <= 1  # NumPy adds up in another order


def test_offline_the_same_files_make_a_zip(run):
    parcel = parcel_for(run, whole=True)
    with zipfile.ZipFile(io.BytesIO(zip_bundle(parcel))) as archive:
        assert {entry.filename: entry.file_size for entry in archive.infolist()} == parcel.sizes()


# --- listing -----------------------------------------------------------------------------------------


def test_browsing_lists_what_this_program_made_the_last_first_and_private_ones_to_their_owner(hub, run, job):
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


# --- whose token -------------------------------------------------------------------------------------


def test_every_call_carries_the_token_it_was_given_and_no_other(hub, run, job, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", BOB)  # somebody else's, lying around
    pushed(run, job, private=False)
    pull(look_up("ada/digits", None, ADA), ADA, job)
    assert {told for *_, told, host in hub.log if host.startswith("127.")} == {f"Bearer {ADA}"}
    elsewhere = [told for *_, told, host in hub.log if host.startswith("localhost")]
    assert len(elsewhere) > 3 and not any(elsewhere)  # large files lie on another host: no token goes there
    hub.log.clear()
    browse(False)
    pull(look_up("ada/digits", None, False), False, job)
    assert not any(told for *_, told, _ in hub.log)


def test_another_account_and_nobody_can_not_read_what_was_pulled_privately_before(hub, run, job):
    pushed(run, job)
    found = look_up("ada/digits", None, ADA)
    pull(found, ADA, job)
    for token in (BOB, False, "hf_nobodys"):
        with pytest.raises(Problem):
            look_up("ada/digits", None, token)
        with pytest.raises(Problem):  # even with its commit known: no cache is shared
            pull(found, token, job)


def test_the_machine_s_login_is_for_its_owner_alone(monkeypatch, tmp_path):
    assert saved_login() is None
    monkeypatch.setenv("HF_TOKEN", ADA)
    assert saved_login().get_secret_value() == ADA
    monkeypatch.setenv("GAN_PUBLIC", "1")
    assert saved_login() is None
    monkeypatch.setenv("GAN_PUBLIC", "0")
    monkeypatch.setenv("SPACE_ID", "ada/space")
    assert saved_login() is None


def test_a_token_shows_in_no_text(hub, run, job):
    account = sign_in(f"  {ADA}\n")
    hub.fail("POST", "/commit/", status(500, f"echo: {ADA[:0]}"))
    with pytest.raises(Problem) as caught:
        push(parcel_for(run), PushRequest.checked("ada/digits"), account, job)
    texts = [repr(account), str(account), repr(caught.value), str(caught.value), job.problem, job.stage]
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert not any(ADA in text for text in texts)
    assert account.name == "ada" and account.may_write and not sign_in(CARL).may_write


# --- failures ----------------------------------------------------------------------------------------

WHOAMI, INFO, CREATE = "/whoami-v2", r"/api/models/ada/digits(\?|$)", "/repos/create"
BATCH, UPLOAD, COMMIT = "/objects/batch", "/lfs-upload/", "/commit/"
LIMIT = {"RateLimit": '"api";r=0;t=55', "RateLimit_Policy": '"fixed window";"api";q=500;w=300'}
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
    "storage silent": ("PUT", UPLOAD, silence(1.5), "has been silent"),
    "too large": ("PUT", UPLOAD, status(413, "Too large"), "finds this too large"),
    "conflict": ("POST", COMMIT, status(412, "A commit has happened since"), "look again, then push"),
    "taken": ("POST", COMMIT, status(409, "busy"), "just being changed: busy"),
    "gateway": ("POST", COMMIT, status(502), "trouble of its own (502)"),
    "nonsense": ("POST", COMMIT, status(200, "not what was asked"), "makes no sense"),
    "teapot": ("POST", COMMIT, status(418, "I'm a teapot"), "418: I'm a teapot"),
    "silence": ("POST", COMMIT, silence(1.5), "has been silent"),
    "hangs up": ("POST", COMMIT, hang_up, "broke in the middle"),
    "hangs up afterwards": ("POST", COMMIT, deaf, "broke in the middle"),
}


@pytest.mark.parametrize("kind", PUSH_FAILURES)
def test_a_push_that_fails_says_why_publishes_nothing_and_the_next_one_completes_it(
    hub, run, job, monkeypatch, kind
):
    monkeypatch.setattr(transport, "MAX_SILENCE", 0.5)  # seconds
    method, pattern, fault, said = PUSH_FAILURES[kind]
    hub.fail(method, pattern, fault)
    with pytest.raises(Problem) as caught:
        pushed(run, job)
    assert said in str(caught.value)
    assert str(caught.value).isprintable() and ADA not in str(caught.value)
    tried = hub.heard(method, pattern)
    assert 1 <= tried <= (3 if pattern == UPLOAD else 1)  # three large files at once; nothing is tried again
    there = hub.repos.get("ada/digits")
    applied = kind == "hangs up afterwards"
    assert there is None or ("config.json" in there.files) == applied
    hub.faults.clear()
    done = pushed(run, job)
    parcel = parcel_for(run)
    assert {name: hub.repos["ada/digits"].files[name] for name in parcel.files} == parcel.files
    assert (
        done.private and len(hub.repos["ada/digits"].branches["main"]) == 2
    )  # also where it had been applied


def test_an_upload_broken_off_goes_on_with_what_is_missing(hub, run, job):
    parcel = parcel_for(run)
    hub.fail("PUT", UPLOAD, hang_up, times=1)
    with pytest.raises(Problem):
        pushed(run, job, parcel=parcel)
    arrived = len(hub.large)
    hub.faults.clear()
    hub.log.clear()
    pushed(run, job, parcel=parcel)
    assert hub.heard("PUT", UPLOAD) == 3 - arrived > 0


def test_a_token_that_may_only_read_is_told_before_anything_is_sent(hub, run, job):
    with pytest.raises(Problem, match="token of carl may only read"):
        pushed(run, job, "carl/digits", token=CARL)
    assert hub.heard("POST", ".") == 0


def test_a_foreign_name_a_foreign_repository_and_a_public_one_are_not_written_to(hub, run, job):
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
def test_a_cancelled_push_publishes_nothing(hub, run, moment):
    jobs, parcel, account = [], parcel_for(run), sign_in(ADA)
    began = threading.Event()

    def cancel(handler):
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


def test_what_is_being_published_can_not_be_cancelled_and_is_told_as_published(hub, run):
    jobs, parcel, account = [], parcel_for(run), sign_in(ADA)
    began = threading.Event()

    def cancel(handler):
        began.wait(20)
        jobs[0].cancel()
        return False

    hub.fail("POST", COMMIT, cancel)
    jobs.append(Job(lambda job: push(parcel, PushRequest.checked("ada/digits"), account, job)))
    began.set()
    jobs[0].wait(20)
    assert jobs[0].state == "done" and jobs[0].result.sha == hub.repos["ada/digits"].branches["main"][-1].sha


def test_a_pull_request_whose_answer_is_lost_may_be_open(hub, run, job):
    pushed(run, job, private=False)
    hub.fail("POST", COMMIT, deaf)
    other = parcel_for(run, licence="other")
    with pytest.raises(Problem, match="may be open all the same: look on the Hub first"):
        pushed(run, job, token=BOB, parcel=other, pull_request=True, private=False)


def test_what_one_would_not_expect_of_a_push_is_told(hub, run, job):
    pushed(run, job, parcel=parcel_for(run, whole=True))
    done = pushed(run, job, private=False)
    assert done.private and "was private before, and stays so" in done.notes[0]
    assert "run.zip of an earlier push stays" in done.notes[1]


def test_a_commit_is_named_by_all_its_digits(hub, run, job):
    sha = pushed(run, job).sha
    assert look_up("ada/digits", sha, ADA).sha == sha
    with pytest.raises(Problem, match="a commit is named by all its 40 digits"):
        look_up("ada/digits", sha[:7], ADA)


def test_what_the_repository_leaves_out_is_not_told_as_pushed(hub, run, job):
    pushed(run, job)
    hub.repos["ada/digits"].ignored = ("run.zip",)
    with pytest.raises(Problem, match="does not hold run.zip as pushed: see whether its .gitignore"):
        pushed(run, job, parcel=parcel_for(run, whole=True))


def test_a_repository_that_appears_in_public_meanwhile_gets_nothing_private(hub, run, job):
    hub.fail("POST", CREATE, lambda handler: hub.repo("ada/digits", {}) and False)
    with pytest.raises(Problem, match="is public, and this push is meant to be private"):
        pushed(run, job)
    assert hub.repos["ada/digits"].files == {} and not hub.heard("PUT", UPLOAD)


def test_an_answer_without_end_is_not_read(hub):
    siblings = [{"rfilename": "x" * 1000}] * 30_000
    hub.fail(
        "GET",
        "/api/models/",
        lambda handler: handler.answer(200, {"id": "a/b", "siblings": siblings}) or True,
    )
    with pytest.raises(Problem, match="too long to be true"):
        look_up("ada/digits", None, False)


def test_no_cookie_of_one_visitor_goes_along_with_another(hub):
    sign_in(ADA)
    browse(False)
    sign_in(BOB)
    assert hub.cookies == []


def test_the_environment_s_proxy_is_used(hub, monkeypatch):
    close_session()
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, hub.address)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    assert browse(False) == []
    assert hub.log[-1][1].startswith("http://hub.invalid/api/models")
    close_session()


def test_a_click_for_what_the_form_no_longer_says_pushes_nothing(hub, run, monkeypatch):
    """Browsers send a changed box and the click after it in one go, before the page has shown the files."""
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("GAN_RUNS", str(run.path.parent))
    app = AppTest.from_file(str(HOUSE / "app.py"), default_timeout=90)
    app.session_state["hub account"] = sign_in(ADA)
    app.run()
    app.switch_page("pages/hub.py").run()
    app.toggle(key="push private").set_value(False).run()
    app.toggle(key="push private").set_value(True)
    app.text_input(key="push repo").set_value("ada/other")
    app.button(key="push button").click().run()
    assert any("The form has changed" in error.value for error in app.error) and not app.exception
    assert "hub push" not in app.session_state and not hub.heard("POST", "/repos/create")


@pytest.mark.parametrize(
    "name", ["a--b", "a..b", "x" * 100, "ünï 日本", "日本", "foo.git", "a_-", "---", "a -- b", "1-mlp"]
)
def test_every_run_s_name_suggests_a_repository_the_hub_takes(name):
    from ui.hub.push import repository_name

    assert client.is_repo_id(f"ada/{repository_name(name)}")


PROXIES = [
    ("http://127.0.0.1:9", "localhost,::1,[::1],fe80::1,ünicode.de, ,.local"),
    ("127.0.0.1:9", "hub.example:443"),
]


@pytest.mark.parametrize("proxy, direct", PROXIES)
def test_proxies_and_exceptions_as_people_write_them(monkeypatch, proxy, direct):
    close_session()
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("no_proxy", direct)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    with pytest.raises(Problem, match="can't be reached|broke in the middle"):
        browse(False)
    close_session()


def test_a_proxy_that_can_not_be_used_is_named(monkeypatch):
    close_session()
    monkeypatch.setenv("https_proxy", "ftp://user:secret@127.0.0.1:9")
    with pytest.raises(
        Problem, match="https proxy of the environment can't be used: set HTTPS_PROXY"
    ) as caught:
        browse(False)
    assert "secret" not in str(caught.value)
    close_session()


PULL_FAILURES = {
    "server down": ("GET", "/api/models/", status(503), "trouble of its own (503)"),
    "rate limit": ("GET", "/api/models/", status(429, **LIMIT), "try again in 55 s"),
    "silence": ("GET", "/api/models/", silence(1.5), "has been silent"),
    "file down": ("HEAD", "/resolve/", status(503), "trouble of its own (503)"),
    "file silent": ("HEAD", "/resolve/", silence(1.5), "has been silent"),
    "storage down": ("GET", "/lfs/", status(500), "trouble of its own (500)"),
    "storage hangs up": ("GET", "/lfs/", hang_up, "broke in the middle"),
    "torn in the middle": ("GET", "/lfs/", torn(), "broke in the middle"),
    "torn config": ("GET", "/resolve/.*config", torn(), "broke in the middle"),
}


@pytest.mark.parametrize("kind", PULL_FAILURES)
def test_a_pull_that_fails_says_why_and_the_next_one_works(hub, run, job, monkeypatch, kind):
    pushed(run, job)
    monkeypatch.setattr(transport, "MAX_SILENCE", 0.5)  # seconds
    method, pattern, fault, said = PULL_FAILURES[kind]
    hub.fail(method, pattern, fault)
    with pytest.raises(Problem) as caught:
        pull(look_up("ada/digits", None, ADA), ADA, job)
    assert said in str(caught.value)
    hub.faults.clear()
    assert pull(look_up("ada/digits", None, ADA), ADA, job)["config.json"] == read_source(run.path)[0]


def test_missing_private_gated_and_disabled_repositories_are_told_apart_as_far_as_the_hub_does(hub, run, job):
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


def test_a_hub_that_is_gone_and_a_machine_that_is_offline_are_told(hub, run, job, monkeypatch):
    pushed(run, job)
    hub.stop()
    with pytest.raises(Problem, match="can't be reached|broke in the middle"):
        look_up("ada/digits", None, ADA)
    with pytest.raises(Problem, match="127.0.0.1 can't be reached: check the network"):
        browse(False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(Problem, match="HF_HUB_OFFLINE is set"):
        browse(False)


def test_a_disk_without_room_is_told():
    full = OSError(errno.ENOSPC, "No space left on device")
    assert "disk is full" in str(refusal(full, "ada/digits"))
    with pytest.raises(Problem, match="disk is full"), hub_errors("ada/digits"):
        raise full


def test_a_cancelled_pull_ends_at_its_next_piece(hub, run, job):
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
def test_what_can_be_no_repository_is_refused_without_asking(hub, name):
    with pytest.raises(Problem, match="is no repository: write it as user/name"):
        look_up(name, None, False)
    assert not hub.log


def test_an_address_of_the_hub_s_page_is_understood(hub, run, job):
    pushed(run, job)
    assert look_up(f"{hub.address}/ada/digits/", None, ADA).repo_id == "ada/digits"


@pytest.mark.parametrize("revision", ["a b", "../x", "x" * 300, "$(id)", "a\nb"])
def test_what_can_be_no_branch_is_refused(hub, revision):
    with pytest.raises(Problem, match="is no branch, tag or commit"):
        look_up("ada/digits", revision, False)
    assert not hub.log
