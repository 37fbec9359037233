"""The Hub page in a real browser, against the tests' own Hub."""

import re
import threading
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from bench.app_page import (
    click,
    come_to_rest,
    open_page,
    pick,
    press,
    short_run,
)
from bench.browser import Server, wait_until
from gan.runs.run import Run
from tests.browser.conftest import Serve
from tests.hub_server import HubServer, hang_up, status

ADA, BOB, CARL = "hf_adas_own_token", "hf_bobs_own_token", "hf_carls_own_token"


@pytest.fixture
def app(serve: Serve, hub: HubServer, tmp_path: Path) -> Serve:
    """A maker of servers that know the tests' Hub; each has folders of its own."""

    def make(name: str = "app", **environment: str) -> Server:
        settings = {"HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path / name / "hf")}
        return serve(tmp_path / "no data", GAN_RUNS=str(tmp_path / name / "runs"), **settings, **environment)

    return make


def open_hub(browser: Browser, server: Server, at: str = "hub") -> Page:
    page = open_page(browser, f"{server.address}/{at}")
    expect(page.get_by_text("On the Hub")).to_be_visible()
    return page


def sign_in(page: Page, token: str) -> None:
    box = page.get_by_label("Access token", exact=True)
    expect(box).to_be_visible()
    come_to_rest(page)
    box.fill(token)
    press(page, "Sign in")


def push(page: Page) -> None:
    expect(page.get_by_role("button", name="Push", exact=False).last).to_be_enabled()
    click(page, page.get_by_role("button", name=re.compile("Push( again)?$")).last)


def trained(server: Server, browser: Browser) -> Page:
    """A page after a short run, on the Hub page."""
    page = open_page(browser, server.address)
    short_run(page, 50)
    page.get_by_role("link", name="Runs").click()
    expect(page.get_by_text("1 runs")).to_be_visible()
    press(page, "More")
    pick(page, "Share on the Hub…")
    expect(page.get_by_text("Push a generator")).to_be_visible()
    expect(page.get_by_text("One commit: 5 files")).to_be_visible()
    return page


def test_a_generator_is_trained_pushed_pulled_on_a_fresh_machine_and_draws_the_same(
    app: Serve, hub: HubServer, browser: Browser
) -> None:
    server = app()
    page = trained(server, browser)
    push_the_whole_run(page)
    repo = hub.repos["ada/mlp-digits-1"]
    run = Run(server.runs.parent / "app" / "runs" / "mlp-digits-1")
    assert repo.private and repo.files["config.json"] == (run.path / "config.json").read_bytes()
    page.get_by_role("link", name="Generate").click()
    expect(page.locator(".gan-grid img").first).to_be_visible()
    ours = downloaded(page)

    fresh = open_hub(browser, app("fresh"))
    pull_what_is_private(fresh)
    press(fresh, "Explore")
    expect(fresh.get_by_text("MLP on digits, step 50")).to_be_visible()
    assert downloaded(fresh) == ours

    repo.private = False
    expect(fresh).to_have_url(re.compile("source=hf:ada/mlp-digits-1(@|%40)[0-9a-f]{40}"))
    third = open_page(browser, f"{app('third').address}/generate?{fresh.url.partition('?')[2]}")
    expect(third.get_by_label("Repository")).to_have_value(re.compile("^ada/mlp-digits-1@[0-9a-f]{40}$"))
    come_to_rest(third)  # an address alone pulls nothing
    press(third, "Pull")
    expect(third.get_by_text("MLP on digits, step 50")).to_be_visible()
    assert downloaded(third) == ours

    fresh.get_by_role("link", name="Hub").click()
    press(fresh, "Pull its run")
    expect(fresh.get_by_text("ready to resume")).to_be_visible()
    click(fresh, fresh.get_by_test_id("stBaseButton-primary").get_by_text("Open", exact=True))
    expect(fresh.get_by_text("Finished").first).to_be_visible()
    for other in (page, fresh):
        assert ADA not in other.content() and ADA not in other.url
    written = [path.read_bytes() for path in server.runs.parent.rglob("*") if path.is_file()]
    assert not any(ADA.encode() in content for content in written)


def push_the_whole_run(page: Page) -> None:
    """Sign in, at the second try; what somebody has typed outlives that they sign out and in again."""
    expect(page.get_by_role("button", name="Push").last).to_be_disabled()
    sign_in(page, "hf_mistyped")
    expect(page.get_by_text("does not accept this token")).to_be_visible()
    sign_in(page, ADA)
    expect(page.get_by_text("Signed in, may write")).to_be_visible()
    name = page.get_by_label("Repository").first
    expect(name).to_have_value("ada/mlp-digits-1")  # suggested
    name.fill("ada/mine")
    name.press("Enter")
    press(page, "Sign out")
    sign_in(page, ADA)
    expect(page.get_by_text("Signed in, may write")).to_be_visible()
    expect(name).to_have_value("ada/mine")
    name.fill("ada/mlp-digits-1")
    name.press("Enter")
    page.get_by_text("Whole run", exact=True).click()
    expect(page.get_by_text("One commit: 6 files")).to_be_visible()
    push(page)
    expect(page.get_by_text("Pushed to ada/mlp-digits-1, private")).to_be_visible()


def pull_what_is_private(page: Page) -> None:
    """Names that are none, then one that only its owner may see."""
    expect(page.get_by_text("There is no generator here yet")).to_be_visible()
    for mistyped in ("", "digits", "../../etc"):
        come_to_rest(page)
        page.get_by_label("Repository").fill(mistyped)
        press(page, "Pull")
        expect(page.get_by_text(f"'{mistyped}' is no repository")).to_be_visible()
    come_to_rest(page)
    page.get_by_label("Repository").fill("ada/mlp-digits-1")
    page.get_by_label("Repository").press("Enter")
    expect(page.get_by_text("that you may see")).to_be_visible()
    sign_in(page, ADA)
    expect(page.get_by_text("Signed in, may write")).to_be_visible()
    press(page, "Try again")
    expect(page.get_by_text("is here")).to_be_visible()


def downloaded(page: Page) -> bytes:
    """The pixels of the picture; the file also says which generator it is of, and where from."""
    come_to_rest(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Download$")).click()
    return Image.open(download.value.path()).convert("RGBA").tobytes()


def test_what_fails_is_told_and_one_click_tries_again(app: Serve, hub: HubServer, browser: Browser) -> None:
    hub.fail("GET", "/api/models$|/api/models[?]", status(503), times=1)
    server = app()
    page = trained(server, browser)
    expect(page.get_by_text("trouble of its own (503)")).to_be_visible()
    sign_in(page, ADA)
    expect(page.get_by_text("Signed in, may write")).to_be_visible()
    hub.fail("PUT", "/lfs-upload/", hang_up)
    push(page)
    expect(page.get_by_text("broke in the middle")).to_be_visible()
    assert "config.json" not in hub.repos["ada/mlp-digits-1"].files
    hub.faults.clear()
    press(page, "Push again")
    expect(page.get_by_text("Pushed to ada/mlp-digits-1")).to_be_visible()
    assert "config.json" in hub.repos["ada/mlp-digits-1"].files

    press(page, "Sign out")
    sign_in(page, CARL)
    expect(page.get_by_text("This token may only read")).to_be_visible()
    expect(page.get_by_role("button", name="Push").last).to_be_disabled()


def test_a_silent_hub_freezes_nothing(app: Serve, hub: HubServer, browser: Browser) -> None:
    over = threading.Event()
    hub.fail("GET", "/api/models", lambda handler: over.wait(600) and False)
    try:
        server = app()
        page = open_page(browser, f"{server.address}/hub?model=ada/linked")
        expect(page.get_by_text("Pull a generator")).to_be_visible()
        expect(page.get_by_label("Repository").last).to_have_value("ada/linked")
        assert not hub.heard("GET", "/api/models/ada")  # an address alone pulls nothing
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()
        press(page, "Cancel")
        expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
        page.get_by_role("link", name="Runs").click()
        expect(page.get_by_text("0 runs")).to_be_visible()
    finally:
        over.set()


def test_two_visitors_share_neither_pulls_nor_tokens_nor_runs(
    app: Serve, hub: HubServer, browser: Browser
) -> None:
    server = app(GAN_PUBLIC="1", HF_TOKEN=BOB)  # the owner's token, which must serve nobody
    alice = open_page(browser, server.address)
    short_run(alice, 50)
    alice.get_by_role("link", name="Hub").click()
    expect(alice.get_by_label("Access token", exact=True)).to_be_visible()  # nobody is signed in by itself
    sign_in(alice, ADA)
    expect(alice.get_by_text("Signed in, may write")).to_be_visible()
    push(alice)
    expect(alice.get_by_text("Pushed to ada/mlp-digits-1, private")).to_be_visible()
    expect(alice.get_by_role("link", name="ada/mlp-digits-1", exact=True).last).to_be_visible()  # listed now
    come_to_rest(alice)
    alice.get_by_label("Repository").last.fill("ada/mlp-digits-1")
    alice.get_by_label("Repository").last.press("Enter")
    expect(alice.get_by_text("is here")).to_be_visible()

    stranger = open_hub(browser, server, "hub?model=ada/mlp-digits-1")
    expect(stranger.get_by_text("Nothing found")).to_be_visible()
    expect(stranger.get_by_text("Pulled before")).to_be_hidden()
    press(stranger, "Pull")
    expect(stranger.get_by_text("that you may see")).to_be_visible()
    sha = hub.repos["ada/mlp-digits-1"].branches["main"][-1].sha
    come_to_rest(stranger)
    stranger.get_by_label("Branch, tag or commit").fill(sha)
    press(stranger, "Pull")
    expect(stranger.get_by_text("that you may see")).to_be_visible()
    for link, nothing in (("Generate", "Nothing to draw from yet"), ("Runs", "0 runs")):
        stranger.get_by_role("link", name=link).click()
        expect(stranger.get_by_text(nothing)).to_be_visible()
        assert "mlp-digits-1" not in stranger.locator("body").inner_text()
    assert not any(BOB in told for *_, told, _ in hub.log)
    written = b"".join(path.read_bytes() for path in server.runs.parent.rglob("*") if path.is_file())
    assert ADA.encode() not in written + server.log_text().encode()
    alice.reload()  # a token lives in its session
    expect(alice.get_by_label("Access token", exact=True)).to_be_visible()


def test_signing_in_with_hugging_face_hands_the_token_to_who_began(
    app: Serve, hub: HubServer, browser: Browser
) -> None:
    settings = {
        "OAUTH_CLIENT_ID": "client",
        "OAUTH_CLIENT_SECRET": "hidden",
        "OPENID_PROVIDER_URL": hub.address,
    }
    server = app(GAN_PUBLIC="1", SPACE_HOST="{address}", **settings)
    page = open_hub(browser, server)
    link = page.get_by_role("link", name="Sign in with Hugging Face")
    with page.context.expect_page() as opened:
        link.click()
    expect(opened.value.get_by_text("You are signed in")).to_be_visible()  # the same browser: no digits
    expect(opened.value).not_to_have_url(re.compile("code=|state="))
    expect(page.get_by_text("Signed in, may write")).to_be_visible()

    frame = open_hub(browser, server)  # another browser profile, as a frame's storage is another's
    address = frame.get_by_role("link", name="Sign in with Hugging Face").get_attribute("href")
    tab = open_page(browser, address)
    digits = tab.get_by_role("heading", name=re.compile(r"^\d{6}"))
    expect(digits).to_be_visible()
    right = re.search(r"\d{6}", digits.inner_text())[0]
    box = frame.get_by_label("The six digits that tab shows")
    box.fill(f"{(int(right) + 1) % 10**6:06d}")
    box.press("Enter")
    expect(frame.get_by_text("not the digits")).to_be_visible()
    frame.wait_for_timeout(1500)  # that part of the page runs again each second
    expect(frame.get_by_text("not the digits")).to_be_visible()
    box.fill(right)
    box.press("Enter")
    expect(frame.get_by_text("Signed in, may write")).to_be_visible()
    replayed = open_page(browser, f"{server.address}/hub?code=code-1&state=guessed")
    expect(replayed.get_by_text("over or was never begun")).to_be_visible()
    assert ADA not in server.log_text() + frame.content() + tab.content()


def test_a_page_opened_first_of_all_stands_in_its_frame(app: Serve, browser: Browser) -> None:
    page = open_hub(browser, app())
    names = page.get_by_test_id("stSidebarNav").get_by_role("link")
    wait_until(lambda: names.count() == 4, "four pages are listed")
    assert [name.split("\n")[-1] for name in names.all_inner_texts()] == ["Train", "Generate", "Runs", "Hub"]
