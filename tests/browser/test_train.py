"""The Train page in a real browser, as somebody uses it."""

import json
import os
import re
import signal
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from bench.app_page import (
    CHART,
    ENDLESS,
    last_point,
    open_page,
    pick_step,
    press,
    ready,
    run_name,
    start,
    state,
    step,
)
from bench.browser import Server, wait_until, worker_pids
from gan.runs.run import Run
from tests.browser.conftest import Serve


def picture(page: Page) -> str:
    return page.get_by_test_id("stImage").locator("img").first.get_attribute("src")


def stop(page: Page) -> None:
    press(page, "Stop")
    expect(state(page, "Stopped")).to_be_visible()


def test_a_training_is_started_watched_steered_and_found_again(server: Server, browser: Browser) -> None:
    earlier = runs_since([], server)
    page = open_page(browser, server.address)
    start(page)

    wait_until(lambda: last_point(page) > 300, "the chart has grown")
    seen = picture(page)
    wait_until(lambda: picture(page) != seen, "the pictures have changed")
    points = page.evaluate(
        f"[...document.querySelectorAll('{CHART}')].flatMap(c => c.data).reduce((n, l) => n + l.x.length, 0)"
    )
    assert 0 < points <= 1500

    zoom_is_kept(page)

    run = Run(server.runs / run_name(page))
    before = steer_by_hand(page, run)

    press(page, "Resume")
    expect(state(page, "Running")).to_be_visible()
    wait_until(lambda: step(page) > before + 50, "it runs on")

    page.reload()
    expect(state(page, "Running")).to_be_visible()
    assert run_name(page) == run.name
    wait_until(lambda: last_point(page) > before, "the reloaded page shows the whole history")

    second = open_page(browser, page.url)
    expect(state(second, "Running")).to_be_visible()
    assert runs_since(earlier, server) == [run.name]

    stop(page)
    expect(state(second, "Stopped")).to_be_visible()


def steer_by_hand(page: Page, run: Run) -> int:
    """Pause, take steps and moves one by one, change a rate; the step at which it was paused."""
    press(page, "Pause")
    expect(state(page, "Paused")).to_be_visible()
    wait_until(lambda: run.stored_info().state == "paused", "the pause is saved")
    before = run.stored_info().step
    wait_until(lambda: step(page) == before, "the page shows where it was paused")
    pick_step(page, "Both once")
    wait_until(lambda: step(page) == before + 1, "one step was taken")
    pick_step(page, "10 steps")
    wait_until(lambda: step(page) == before + 11, "ten steps were taken")
    pick_step(page, "D once")
    page.get_by_role("tab", name="Events").click()
    expect(page.get_by_text("D moved once by hand")).to_be_visible()
    assert step(page) == before + 11

    slider = page.get_by_role("slider", name="Learning rate G")
    slider.press("ArrowLeft")
    expect(page.get_by_text("lr G 2e-4 → 1e-4").first).to_be_visible()
    wait_until(lambda: dashed_lines(page) == 1, "the edit is drawn as a line")
    return before


def runs_since(earlier: list[str], server: Server) -> list[str]:
    return sorted({folder.name for folder in server.runs.glob("*")} - set(earlier))


def zoom_is_kept(page: Page) -> None:
    plot = page.locator(f"{CHART} .nsewdrag").first
    page.evaluate(f"document.querySelector('{CHART}').dataset.mine = 'yes'")
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 60, steps=5)
    page.mouse.up()
    reach = f"document.querySelector('{CHART}').layout.xaxis.range.map(Math.round)"
    wait_until(lambda: page.evaluate(reach)[0] > 0, "the chart shows a part of the steps")
    zoomed = page.evaluate(reach)
    newest = last_point(page)
    wait_until(lambda: last_point(page) > newest, "new points came")
    assert page.evaluate(reach) == zoomed
    assert page.evaluate(f"document.querySelector('{CHART}').dataset.mine") == "yes"


def dashed_lines(page: Page) -> int:
    return page.evaluate(f"document.querySelector('{CHART}').layout.shapes.length")


def test_a_double_click_starts_one_run_and_another_browser_is_told(server: Server, browser: Browser) -> None:
    earlier = runs_since([], server)
    page = open_page(browser, server.address)
    ready(page, ENDLESS).dblclick()
    expect(state(page, "Running")).to_be_visible()
    other = open_page(browser, server.address)
    expect(state(other, "Running")).to_be_visible()
    assert runs_since(earlier, server) == [run_name(page)]
    stop(other)


def test_a_killed_worker_is_told_and_the_run_resumes(server: Server, browser: Browser) -> None:
    page = open_page(browser, server.address)
    start(page)
    wait_until(lambda: step(page) > 100, "it trains")
    press(page, "Save")
    run = Run(server.runs / run_name(page))
    wait_until(lambda: run.stored_info().saved > 0, "it is saved")
    os.kill(run.stored_info().pid, signal.SIGKILL)
    expect(page.get_by_text("SIGKILL")).to_be_visible()
    expect(state(page, "Failed")).to_be_visible()
    saved = run.stored_info().saved
    press(page, "Resume")
    expect(state(page, "Running")).to_be_visible()
    wait_until(lambda: step(page) > saved, "it goes on from the save")
    stop(page)


def test_a_server_that_is_killed_leaves_no_worker_and_a_run_that_resumes(
    serve: Serve, browser: Browser
) -> None:
    server = serve()
    page = open_page(browser, server.address)
    start(page)
    wait_until(lambda: step(page) > 100, "it trains")
    workers, address = server.workers(), page.url
    server.process.kill()
    wait_until(lambda: not set(workers) & set(worker_pids()), "no worker is left")
    run = Run(next(server.runs.iterdir()))
    assert run.info().state == "interrupted"
    saved = run.stored_info().saved
    assert saved > 100

    server = serve()
    page.goto(address.replace(re.match(r"http://[^/]+", address)[0], server.address))
    expect(state(page, "Interrupted")).to_be_visible()
    press(page, "Resume")
    expect(state(page, "Running")).to_be_visible()
    wait_until(lambda: step(page) > saved, "it goes on")


def test_the_app_lives_through_a_short_run_and_shows_its_end(server: Server, browser: Browser) -> None:
    page = open_page(browser, server.address)
    ready(page, 400).click()
    expect(state(page, "Finished")).to_be_visible()
    name = run_name(page)
    press(page, "New run")
    expect(page.get_by_role("button", name="Start")).to_be_enabled()
    expect(page).not_to_have_url(re.compile("run="))
    page.go_back()
    expect(state(page, "Finished")).to_be_visible()
    assert run_name(page) == name
    assert json.loads((server.runs / name / "config.json").read_text())["step"] == 400


def test_mnist_without_a_network_is_one_sentence_and_the_digits(
    serve: Serve, tmp_path: Path, browser: Browser
) -> None:
    server = serve(tmp_path / "empty", GAN_MNIST_MIRROR="http://127.0.0.1:9")
    page = open_page(browser, server.address)
    page.get_by_role("combobox", name="Data").click()
    page.get_by_role("option", name="MNIST").click()
    press(page, "Download MNIST")
    expect(page.get_by_text("MNIST could not be downloaded")).to_be_visible()
    expect(page.get_by_role("combobox", name="Data")).to_have_value("Digits 8×8 · 1,797 images")
    start(page)
