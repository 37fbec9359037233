"""Many runs in a real browser: on through restarts, in a queue, looked back on, forked, packed."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from bench.app_page import (
    CHART,
    click,
    last_point,
    open_page,
    pick,
    pick_step,
    press,
    ready,
    run_name,
    set_number,
    short_run,
    start,
    state,
    step,
)
from bench.browser import Server, wait_until
from gan.runs.run import Run
from tests.browser.conftest import Serve
from tests.browser.test_train import picture


def test_a_run_lives_through_reloads_a_closed_tab_and_a_restarted_server_to_its_end(
    serve: Serve, browser: Browser
) -> None:
    server = serve()
    page = open_page(browser, server.address)
    ready(page, 300)
    pick_step(page, "10 steps")  # it begins, and pauses there
    expect(state(page, "Paused")).to_be_visible()
    wait_until(lambda: step(page) == 10, "ten steps were taken")
    for _ in range(2):
        page.reload()
        expect(state(page, "Paused")).to_be_visible()
        assert step(page) == 10
    address = page.url
    page.context.close()
    page = open_page(browser, address)
    expect(state(page, "Paused")).to_be_visible()
    wait_until(lambda: step(page) == last_point(page) == 10, "the page is whole, its chart included")
    pick_step(page, "10 steps")
    wait_until(lambda: step(page) == 20, "twenty steps")

    server.stop()
    server = serve()
    page = open_page(browser, f"{server.address}/{address.split('/')[-1]}")
    expect(state(page, "Interrupted")).to_be_visible()
    press(page, "Resume")
    expect(state(page, "Finished")).to_be_visible()
    wait_until(lambda: step(page) == 300, "the page shows its last step")
    run = Run(next(server.runs.iterdir()))
    assert len(run.history()) == 300
    assert run.sample_steps() == [0, 200, 300]


def test_a_second_run_waits_in_a_visible_queue_and_trains_when_the_first_stops(
    server: Server, browser: Browser
) -> None:
    page, other = open_page(browser, server.address), open_page(browser, server.address)
    expect(other.get_by_role("button", name="Start")).to_be_enabled()
    start(page)
    ready(other, 300).click()
    expect(state(other, "Queued")).to_be_visible()
    first = run_name(page)
    expect(other.get_by_text("It starts by itself after")).to_contain_text(first)
    page.get_by_role("link", name="Runs").click()
    expect(state(page, "Queued")).to_be_visible()
    expect(page.get_by_text("1 waiting")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("slider", name="Learning rate G")).to_be_visible()
    press(page, "Stop")
    expect(state(page, "Stopped")).to_be_visible()
    expect(state(other, "Finished")).to_be_visible()


def test_the_time_machine_moves_charts_pictures_and_events_together_and_makes_films(
    server: Server, browser: Browser
) -> None:
    page = open_page(browser, server.address)
    name = short_run(page)
    run = Run(server.runs / name)
    seen = picture(page)
    slider = page.get_by_role("slider", name="Step shown")
    slider.press("Home")
    expect(page.get_by_text("step 0", exact=True).first).to_be_visible()
    wait_until(lambda: picture(page) != seen, "the first picture is shown")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "step 200")
    places = f"[...document.querySelectorAll('{CHART}')].map(c => c.layout.shapes.at(-1)?.x0)"
    wait_until(lambda: page.evaluate(places) == [200, 200], "both charts show the place")
    press(page, "Play")
    expect(slider).to_have_attribute("aria-valuetext", "now")
    wait_until(lambda: picture(page) == seen, "it has played to the end")

    for kind, magic in (("GIF", b"GIF89a"), ("MP4", b"ftyp")):
        press(page, "Film")
        press(page, kind)
        with page.expect_download() as download:
            press(page, f"Download {kind}", page.get_by_role("dialog"))
        press(page, "Close")
        expect(page.get_by_role("dialog")).to_be_hidden()
        content = open(download.value.path(), "rb").read()
        assert magic in content[:12] and download.value.suggested_filename == f"{name}.{kind.lower()}"
    assert run.sample_steps() == [0, 200, 400]


def test_a_run_is_forked_with_another_rate_and_a_finished_one_made_longer(
    server: Server, browser: Browser
) -> None:
    page = open_page(browser, server.address)
    name = short_run(page, 300)
    press(page, "Continue")
    set_number(page, "Steps more", 100)
    press(page, "Train on")
    wait_until(lambda: Run(server.runs / name).info().step == 400, "a hundred steps more")
    expect(state(page, "Finished")).to_be_visible()

    page.get_by_role("tab", name="Checkpoints").click()
    expect(page.get_by_role("tabpanel").get_by_text("step 300", exact=True)).to_be_visible()
    click(page, page.get_by_role("button", name="Pin").last)
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    click(page, page.get_by_role("button", name="Fork…").last)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("slider", name="Learning rate G").press("ArrowRight")
    press(page, "Fork and train", dialog)
    fork = Run(server.runs / run_name(page, other_than=name))
    wait_until(lambda: fork.info().state == "finished", "the fork has come to its end")
    expect(state(page, "Finished")).to_be_visible()
    assert [(event.step, event.what) for event in fork.events()] == [(300, "fork"), (300, "set")]
    assert len(fork.history()) == fork.info().steps


def test_runs_are_renamed_copied_packed_unpacked_thrown_away_and_taken_out(
    serve: Serve, browser: Browser, tmp_path: Path
) -> None:
    server = serve()
    page = open_page(browser, server.address)
    name = short_run(page, 50)
    page.get_by_role("link", name="Runs").click()

    rename(page, "../../etc", "Ziffern eins")
    assert [run.name for run in server.runs.iterdir()] == ["Ziffern eins"] and name != "Ziffern eins"

    act(page, "Duplicate")
    expect(page.get_by_text("Ziffern eins-2", exact=True)).to_be_visible()
    act(page, "Download…")
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download ZIP").click()
    saved = tmp_path / "saved.zip"
    download.value.save_as(saved)
    press(page, "Close")
    expect(page.get_by_role("dialog")).to_be_hidden()

    act(page, "Delete")
    expect(page.get_by_text("is in the trash")).to_be_visible()
    assert stored(server) == 1
    press(page, "Undo")
    expect(page.get_by_text("is in the trash")).to_be_hidden()
    wait_until(lambda: stored(server) == 2, "it is back")

    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"no ZIP")
    import_runs(page, bad, saved)
    wait_until(lambda: stored(server) == 3, "it is imported")
    expect(page.get_by_role("dialog")).to_be_hidden()
    press(page, "Open")
    expect(state(page, "Finished")).to_be_visible()


def rename(page: Page, impossible: str, name: str) -> None:
    """The first run in the list gets that name, after one that can't be."""
    act(page, "Rename…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(impossible)
    press(page, "Rename", dialog)
    expect(dialog.get_by_text("can't be a run's name")).to_be_visible()
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Name").press("Enter")
    press(page, "Rename", dialog)
    expect(page.get_by_text(name, exact=True)).to_be_visible()


def import_runs(page: Page, bad: Path, good: Path) -> None:
    """Give the import a file that is no ZIP, which it says, and then one that holds a run."""
    press(page, "Import")
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_text("no ZIP of a run that can be read")).to_be_visible()
    page.locator("input[type=file]").set_input_files(good)


def act(page: Page, action: str) -> None:
    """Choose an action of the first run in the list."""
    press(page, "More")
    pick(page, action)


def stored(server: Server) -> int:
    return len(list(server.runs.glob("*/run.json")))


def test_in_public_mode_a_visitor_s_runs_are_theirs_alone(serve: Serve, browser: Browser) -> None:
    server = serve(GAN_PUBLIC="1", GAN_MAX_STEPS="60000000")
    page = open_page(browser, server.address)
    start(page)
    press(page, "Pause")
    expect(state(page, "Paused")).to_be_visible()
    page.reload()  # the secret is in the browser's storage
    expect(state(page, "Paused")).to_be_visible()
    address, name = page.url, run_name(page)
    run = Run(next(server.runs.glob("visitors/*/*")))
    wait_until(lambda: run.stored_info().state == "paused", "the pause is saved")
    paused = run.stored_info()

    stranger = open_page(browser, address)
    finds_nothing(stranger, server, run)
    stranger.get_by_role("link", name="Train").first.click()
    ready(stranger, 200).click()
    expect(state(stranger, "Queued")).to_be_visible()
    expect(stranger.get_by_text("1 of other visitors' runs")).to_be_visible()
    assert run_name(stranger) == name  # their own first run has the same name
    press(stranger, "Stop")
    expect(state(stranger, "Stopped")).to_be_visible()
    assert run.stored_info() == paused
    expect(state(page, "Paused")).to_be_visible()

    expect(stranger.get_by_text("60,000,000 steps a run")).to_be_visible()
    press(stranger, "New run")
    ready(stranger, 60_000_001).click()
    expect(stranger.get_by_text("60,000,001 are too many")).to_be_visible()
    secrets = [one.evaluate("localStorage.getItem('gan-visitor')") for one in (page, stranger)]
    assert len(set(secrets)) == 2 and all(len(secret) == 64 for secret in secrets)
    written = [server.log_text(), *(str(path) for path in server.runs.rglob("*"))]
    assert not any(secret in text for secret in secrets for text in written)


def finds_nothing(stranger: Page, server: Server, run: Run) -> None:
    """A visitor who was given the address of somebody else's run sees nothing of it."""
    expect(stranger.get_by_text(f"There is no run '{run.name}' here")).to_be_visible()
    expect(stranger).not_to_have_url(re.compile("run="))
    for hostile in (f"../{run.path.parent.name}/{run.name}", str(run.path)):
        stranger.goto(f"{server.address}/?run={hostile}")
        expect(stranger.get_by_text("There is no run")).to_be_visible()
    for link, nothing in (("Generate", "Nothing to draw from yet"), ("Runs", "Nothing yet")):
        stranger.get_by_role("link", name=link).click()
        expect(stranger.get_by_text(nothing)).to_be_visible()
        assert run.name not in stranger.locator("body").inner_text()
