"""The app in a real browser, as somebody uses it."""

import json
import os
import re
import signal

from playwright.sync_api import Page, expect

from bench.app_page import (
    CHART,
    ENDLESS,
    last_point,
    open_page,
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
from bench.browser import wait_until, worker_pids
from gan.runs.run import Run

expect.set_options(timeout=20_000)


def picture(page: Page) -> str:
    return page.get_by_test_id("stImage").locator("img").first.get_attribute("src")


def test_a_training_is_started_watched_steered_and_found_again(server, browser):
    page = open_page(browser, server.address)
    start(page)

    wait_until(lambda: last_point(page) > 300, 60, "the chart has grown")
    seen = picture(page)
    wait_until(lambda: picture(page) != seen, 30, "the pictures have changed")
    points = page.evaluate(
        f"[...document.querySelectorAll('{CHART}')].flatMap(c => c.data).reduce((n, l) => n + l.x.length, 0)"
    )
    assert 0 < points <= 1500

    zoom_is_kept(page)

    press(page, "Pause")
    expect(state(page, "Paused")).to_be_visible()
    run = Run(next(server.runs.iterdir()))
    wait_until(lambda: run.stored_info().state == "paused", 10, "the pause is saved")
    before = run.stored_info().step
    wait_until(lambda: step(page) == before, 10, "the page shows where it was paused")
    pick_step(page, "Both once")
    wait_until(lambda: step(page) == before + 1, 10, "one step was taken")
    pick_step(page, "10 steps")
    wait_until(lambda: step(page) == before + 11, 10, "ten steps were taken")
    pick_step(page, "D once")
    page.get_by_role("tab", name="Events").click()
    expect(page.get_by_text("D moved once by hand")).to_be_visible()
    assert step(page) == before + 11

    slider = page.get_by_role("slider", name="Learning rate G")
    slider.press("ArrowLeft")
    expect(page.get_by_text("lr G 2e-4 → 1e-4").first).to_be_visible()
    wait_until(lambda: dashed_lines(page) == 1, 10, "the edit is drawn as a line")

    press(page, "Resume")
    expect(state(page, "Running")).to_be_visible()
    wait_until(lambda: step(page) > before + 50, 30, "it runs on")

    page.reload()
    expect(state(page, "Running")).to_be_visible()
    assert "run=" in page.url
    wait_until(lambda: last_point(page) > before, 30, "the reloaded page shows the whole history")

    second = open_page(browser, page.url)
    expect(state(second, "Running")).to_be_visible()
    assert len(list(server.runs.iterdir())) == 1

    press(page, "Stop")
    expect(state(page, "Stopped")).to_be_visible()
    expect(state(second, "Stopped")).to_be_visible()


def zoom_is_kept(page: Page) -> None:
    plot = page.locator(f"{CHART} .nsewdrag").first
    page.evaluate(f"document.querySelector('{CHART}').dataset.mine = 'yes'")
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 60, steps=5)
    page.mouse.up()
    reach = f"document.querySelector('{CHART}').layout.xaxis.range.map(Math.round)"
    zoomed = page.evaluate(reach)
    newest = last_point(page)
    wait_until(lambda: last_point(page) > newest, 20, "new points came")
    assert zoomed[0] > 0
    assert page.evaluate(reach) == zoomed
    assert page.evaluate(f"document.querySelector('{CHART}').dataset.mine") == "yes"


def dashed_lines(page: Page) -> int:
    return page.evaluate(f"document.querySelector('{CHART}').layout.shapes.length")


def test_a_double_click_starts_one_run_and_another_browser_is_told(server, browser):
    page = open_page(browser, server.address)
    ready(page, ENDLESS).dblclick()
    expect(state(page, "Running")).to_be_visible()
    other = open_page(browser, server.address)
    expect(state(other, "Running")).to_be_visible()
    assert [run.name for run in server.runs.iterdir()] == [run_name(page)]


def test_a_killed_worker_is_told_and_the_run_resumes(server, browser):
    page = open_page(browser, server.address)
    start(page)
    wait_until(lambda: step(page) > 100, 60, "it trains")
    press(page, "Save")
    run = Run(next(server.runs.iterdir()))
    wait_until(lambda: run.stored_info().saved > 0, 20, "it is saved")
    os.kill(run.stored_info().pid, signal.SIGKILL)
    expect(page.get_by_text("SIGKILL")).to_be_visible()
    expect(state(page, "Failed")).to_be_visible()
    saved = run.stored_info().saved
    press(page, "Resume")
    expect(state(page, "Running")).to_be_visible()
    wait_until(lambda: step(page) > saved, 60, "it goes on from the save")


def test_a_server_that_is_killed_leaves_no_worker_and_a_run_that_resumes(serve, browser):
    server = serve()
    page = open_page(browser, server.address)
    start(page)
    wait_until(lambda: step(page) > 100, 60, "it trains")
    workers, address = server.workers(), page.url
    server.process.kill()
    wait_until(lambda: not set(workers) & set(worker_pids()), 30, "no worker is left")
    run = Run(next(server.runs.iterdir()))
    assert run.info().state == "interrupted"
    saved = run.stored_info().saved
    assert saved > 100

    server = serve()
    page.goto(address.replace(re.match(r"http://[^/]+", address)[0], server.address))
    expect(state(page, "Interrupted")).to_be_visible()
    press(page, "Resume")
    expect(state(page, "Running")).to_be_visible()
    wait_until(lambda: step(page) > saved, 60, "it goes on")


def test_the_app_lives_through_a_short_run_and_shows_its_end(server, browser):
    page = open_page(browser, server.address)
    ready(page, 400).click()
    expect(state(page, "Finished")).to_be_visible()
    press(page, "New run")
    expect(page.get_by_role("button", name="Start")).to_be_enabled()
    assert "run=" not in page.url
    page.go_back()
    config = json.loads((next(server.runs.iterdir()) / "config.json").read_text())
    assert config["step"] == 400


def test_mnist_without_a_network_is_one_sentence_and_the_digits(serve, tmp_path, browser):
    server = serve(tmp_path / "empty", GAN_MNIST_MIRROR="http://127.0.0.1:9")
    page = open_page(browser, server.address)
    page.get_by_role("combobox", name="Data").click()
    page.get_by_role("option", name="MNIST").click()
    press(page, "Download MNIST")
    expect(page.get_by_text("MNIST could not be downloaded")).to_be_visible()
    expect(page.get_by_role("combobox", name="Data")).to_have_value("Digits 8×8 · 1,797 images")
    start(page)


# --- many runs ---------------------------------------------------------------------------------------


def test_a_run_lives_through_reloads_a_closed_tab_and_a_restarted_server_to_its_end(serve, browser):
    server = serve()
    page = open_page(browser, server.address)
    ready(page, 700)
    pick_step(page, "10 steps")  # it begins, and pauses there
    expect(state(page, "Paused")).to_be_visible()
    wait_until(lambda: step(page) == 10, 20, "ten steps were taken")
    for _ in range(2):
        page.reload()
        expect(state(page, "Paused")).to_be_visible()
        assert step(page) == 10
    address = page.url
    page.context.close()
    page = open_page(browser, address)
    expect(state(page, "Paused")).to_be_visible()
    wait_until(lambda: step(page) == last_point(page) == 10, 20, "the page is whole, its chart included")
    pick_step(page, "10 steps")
    wait_until(lambda: step(page) == 20, 20, "twenty steps")

    server.stop()
    server = serve()
    page = open_page(browser, f"{server.address}/{address.split('/')[-1]}")
    expect(state(page, "Interrupted")).to_be_visible()
    press(page, "Resume")
    expect(state(page, "Finished")).to_be_visible()
    run = Run(next(server.runs.iterdir()))
    assert step(page) == len(run.history()) == 700
    assert run.sample_steps() == [0, 200, 400, 600, 700]


def test_a_second_run_waits_in_a_visible_queue_and_trains_when_the_first_stops(server, browser):
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
    press(page, "Stop")
    expect(state(page, "Stopped")).to_be_visible()
    expect(state(other, "Finished")).to_be_visible()


def test_the_time_machine_moves_charts_pictures_and_events_together_and_makes_films(server, browser):
    page = open_page(browser, server.address)
    name = short_run(page)
    run = Run(server.runs / name)
    seen = picture(page)
    slider = page.get_by_role("slider", name="Step shown")
    slider.press("Home")
    expect(page.get_by_text("step 0", exact=True).first).to_be_visible()
    wait_until(lambda: picture(page) != seen, 10, "the first picture is shown")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "step 200")
    places = f"[...document.querySelectorAll('{CHART}')].map(c => c.layout.shapes.at(-1)?.x0)"
    wait_until(lambda: page.evaluate(places) == [200, 200], 10, "both charts show the place")
    press(page, "Play")
    expect(slider).to_have_attribute("aria-valuetext", "now")
    wait_until(lambda: picture(page) == seen, 10, "it has played to the end")

    press(page, "Film")
    for kind, magic in (("GIF", b"GIF89a"), ("MP4", b"ftyp")):
        with page.expect_download() as download:
            page.get_by_role("button", name=kind).click()
        content = open(download.value.path(), "rb").read()
        assert magic in content[:12] and download.value.suggested_filename == f"{name}.{kind.lower()}"
    assert run.sample_steps() == [0, 200, 400, 600]


def test_a_run_is_forked_with_another_rate_and_a_finished_one_made_longer(server, browser):
    page = open_page(browser, server.address)
    name = short_run(page, 300)
    press(page, "Continue")
    set_number(page, "Steps more", 100)
    press(page, "Train on")
    wait_until(lambda: Run(server.runs / name).info().step == 400, 30, "a hundred steps more")
    expect(state(page, "Finished")).to_be_visible()

    page.get_by_role("tab", name="Checkpoints").click()
    expect(page.get_by_role("tabpanel").get_by_text("step 300", exact=True)).to_be_visible()
    page.get_by_role("button", name="Pin").last.click()
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    page.get_by_role("button", name="Fork…").last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("slider", name="Learning rate G").press("ArrowRight")
    press(page, "Fork and train", dialog)
    fork = Run(server.runs / run_name(page, other_than=name))
    wait_until(lambda: fork.info().state == "finished", 30, "the fork has come to its end")
    expect(state(page, "Finished")).to_be_visible()
    assert [(event.step, event.what) for event in fork.events()] == [(300, "fork"), (300, "set")]
    assert len(fork.history()) == fork.info().steps


def test_runs_are_renamed_copied_packed_unpacked_thrown_away_and_taken_out(server, browser, tmp_path):
    page = open_page(browser, server.address)
    name = short_run(page, 50)
    page.get_by_role("link", name="Runs").click()

    def act(action: str) -> None:
        press(page, "More")
        page.get_by_role("menuitem", name=action).or_(page.get_by_text(action, exact=True)).first.click()

    act("Rename…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("../../etc")
    press(page, "Rename", dialog)
    expect(dialog.get_by_text("can't be a run's name")).to_be_visible()
    dialog.get_by_label("Name").fill("Ziffern eins")
    dialog.get_by_label("Name").press("Enter")
    press(page, "Rename", dialog)
    expect(page.get_by_text("Ziffern eins", exact=True)).to_be_visible()
    assert [run.name for run in server.runs.iterdir()] == ["Ziffern eins"] and name != "Ziffern eins"

    act("Duplicate")
    expect(page.get_by_text("Ziffern eins-2", exact=True)).to_be_visible()
    act("Download…")
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download ZIP").click()
    saved = tmp_path / "saved.zip"
    download.value.save_as(saved)
    press(page, "Close")
    expect(page.get_by_role("dialog")).to_be_hidden()

    act("Delete")
    expect(page.get_by_text("is in the trash")).to_be_visible()
    assert len([run for run in server.runs.glob("*/run.json")]) == 1
    press(page, "Undo")
    expect(page.get_by_text("is in the trash")).to_be_hidden()
    wait_until(lambda: len(list(server.runs.glob("*/run.json"))) == 2, 10, "it is back")

    press(page, "Import")
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"no ZIP")
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_text("no ZIP of a run that can be read")).to_be_visible()
    page.locator("input[type=file]").set_input_files(saved)
    wait_until(lambda: len(list(server.runs.glob("*/run.json"))) == 3, 20, "it is imported")
    expect(page.get_by_role("dialog")).to_be_hidden()
    press(page, "Open")
    expect(state(page, "Finished")).to_be_visible()


def test_in_public_mode_a_visitor_s_runs_are_theirs_alone(serve, browser):
    server = serve(GAN_PUBLIC="1", GAN_MAX_STEPS="60000000")
    page = open_page(browser, server.address)
    start(page)
    press(page, "Pause")
    expect(state(page, "Paused")).to_be_visible()
    page.reload()  # the secret is in the browser's storage
    expect(state(page, "Paused")).to_be_visible()
    address, name = page.url, run_name(page)
    run = Run(next(server.runs.glob("visitors/*/*")))
    paused = run.stored_info()

    stranger = open_page(browser, address)
    expect(stranger.get_by_text(f"There is no run '{name}' here")).to_be_visible()
    assert "run=" not in stranger.url
    for hostile in (f"../{run.path.parent.name}/{name}", str(run.path)):
        stranger.goto(f"{server.address}/?run={hostile}")
        expect(stranger.get_by_text("There is no run")).to_be_visible()
    for link, nothing in (("Generate", "Nothing to draw from yet"), ("Runs", "Nothing yet")):
        stranger.get_by_role("link", name=link).click()
        expect(stranger.get_by_text(nothing)).to_be_visible()
        assert name not in stranger.locator("body").inner_text()
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
