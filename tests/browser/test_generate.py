"""The Generate page in a real browser: looked at, steered, shared, brought back."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from bench.app_page import (
    come_to_rest,
    open_page,
    press,
    ready,
    start,
    state,
    step,
)
from bench.browser import Server, wait_until
from gan.generator.folder import read_source
from gan.latent.points import explicit
from tests.browser.conftest import Serve
from tests.browser.generate_page import (
    TOOLS,
    change,
    click_picture,
    drop,
    hold,
    look_at,
    nudge,
    picture,
    pixels_of,
    says,
    says_address,
)
from tests.pictures.test_decode import file_of


def test_pictures_are_generated_while_training_goes_on(serve: Serve, browser: Browser) -> None:
    page = open_page(browser, serve().address)
    start(page)
    wait_until(lambda: step(page) > 50, "it trains")
    page.get_by_role("link", name="Generate").click()
    expect(page.locator(".gan-grid img").first).to_be_visible()
    come_to_rest(page)
    sources = {picture(page)}
    for _ in range(10):
        sources.add(nudge(page, "Truncation", 1, "ArrowLeft"))
    assert len(sources) == 11
    shown = nudge(page, "Truncation", 1)
    untouched = change(page, lambda: press(page, "Reset"))
    expect(page.get_by_role("button", name="Reset").first).to_be_disabled()
    once = nudge(page, "Direction 2", 1)
    assert change(page, lambda: press(page, "Reset")) == untouched
    assert nudge(page, "Direction 2", 1) == once != shown  # the same place as before the reset is heard again
    change(page, lambda: press(page, "Reset"))
    seed = page.get_by_role("textbox", name="Seed, or a list")
    change(page, lambda: press(page, "Next"))
    expect(seed).to_have_value("1")
    change(page, lambda: press(page, "Previous"))
    expect(seed).to_have_value("0")
    page.get_by_role("link", name="Train").click()
    expect(state(page, "Running")).to_be_visible()


def test_a_shared_address_shows_the_same_pixels_in_a_fresh_browser(serve: Serve, browser: Browser) -> None:
    """Another browser, the address alone, and training has long gone on meanwhile."""
    server = serve()
    page = open_page(browser, server.address)
    start(page)
    wait_until(lambda: step(page) > 100, "it trains")
    page.get_by_role("link", name="Generate").click()
    expect(page.locator(".gan-grid img").first).to_be_visible()
    come_to_rest(page)
    seed = page.get_by_role("textbox", name="Seed, or a list")
    change(page, lambda: (seed.fill("4,7-9"), seed.press("Enter")))
    nudge(page, "Truncation", 2, "ArrowLeft")
    nudge(page, "Direction 2", 3)
    change(page, lambda: click_picture(page, 3))
    shown = nudge(page, "Strength", 2)
    says_address(page, "base=8.*strength=0.14")
    address = page.url
    assert "run=" not in address and "token" not in address
    page.get_by_role("link", name="Train").click()
    at = step(page)
    wait_until(lambda: step(page) > at + 200, "training goes on")
    press(page, "Stop")
    expect(state(page, "Stopped")).to_be_visible()

    fresh = look_at(browser, address)
    assert picture(fresh) == shown
    expect(fresh.get_by_role("textbox", name="Seed, or a list")).to_have_value("4,7-9")
    assert fresh.url == address
    fresh.reload()
    expect(fresh.locator(".gan-grid img").first).to_be_visible()
    assert picture(fresh) == shown


def test_a_downloaded_picture_brings_back_how_it_was_made(
    explorer: Server, browser: Browser, tmp_path: Path
) -> None:
    page = look_at(browser, f"{explorer.address}/generate?source=mine&seed=12&grid=9&t=0.8&svd=0,1.5")
    shown = picture(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Download$")).click()
    file = tmp_path / "picture.png"
    download.value.save_as(file)

    other = look_at(browser, f"{explorer.address}/generate")
    assert picture(other) != shown
    hold(other, "Files")
    drop(other, file)
    assert picture(other) == shown
    expect(other.get_by_role("textbox", name="Seed, or a list")).to_have_value("12")
    bad = {"renamed.png": b"text", "mute.png": file_of(Image.new("L", (9, 9))), "bad.json": b"[[1,2]]"}
    for (name, content), said in zip(bad.items(), ("no PNG", "says nothing", "another one"), strict=True):
        (tmp_path / name).write_bytes(content)
        come_to_rest(other)
        other.locator("input[type=file]").last.set_input_files(tmp_path / name)
        says(other, said).to_be_visible()
        assert picture(other) == shown  # nothing is lost


def test_latents_leave_and_come_back_as_files(explorer: Server, browser: Browser, tmp_path: Path) -> None:
    page = look_at(browser, f"{explorer.address}/generate?source=mine&seed=12&grid=4&t=0.8&tool=files")
    for kind in ("safetensors", "json"):
        with page.expect_download() as download:
            press(page, f"Latents as {kind}")
        download.value.save_as(tmp_path / f"latents.{kind}")
        other = look_at(browser, f"{explorer.address}/generate?source=mine&tool=files")
        drop(other, tmp_path / f"latents.{kind}")
        assert np.array_equal(pixels_of(other), pixels_of(page))


def test_a_picture_becomes_the_base_and_one_comes_back(explorer: Server, browser: Browser) -> None:
    page = look_at(browser, f"{explorer.address}/generate?source=mine&seed=12")
    seeds = picture(page)
    first = change(page, lambda: click_picture(page, 6))
    says(page, "seed 12, picture 6").to_be_visible()
    assert change(page, lambda: press(page, "Roll")) != first  # other variations of the same base
    change(page, lambda: click_picture(page, 2))
    says(page, "a latent of its own").to_be_visible()
    change(page, lambda: press(page, "Undo"))
    change(page, lambda: press(page, "Back to the seeds"))
    press(page, "History")
    page.get_by_role("menuitem", name="12", exact=True).or_(page.get_by_text("12", exact=True)).first.click()
    wait_until(lambda: picture(page) == seeds, "the seed's own pictures again")


def test_the_keyboard_reaches_every_picture(explorer: Server, browser: Browser) -> None:
    page = look_at(browser, f"{explorer.address}/generate?source=mine&seed=12")
    pictures = page.locator(".gan-grid button")
    assert [pictures.nth(index).get_attribute("tabindex") for index in (0, 1)] == ["0", "-1"]
    pictures.first.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "End", "ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == "Picture 13: make it the base"
    change(page, lambda: page.keyboard.press("Enter"))
    says(page, "seed 12, picture 13").to_be_visible()


@pytest.mark.parametrize(
    "query, said",
    [
        ("seed=x&t=0.5", "seed=x can't be used"),
        ("seed=3&walk=nothing&pca=99&tool=nearest", "tool=nearest can't be used"),
        ("source=../../etc&seed=3", "is not here"),
        ("source=somebody-elses&seed=3", "is not here"),
        ("source=mine&weights=0123456789abcdef&seed=3", "pictures differ"),
        ("source=mine&base=" + explicit(np.zeros(3, np.float32)), "belongs to another one"),
        ("source=mine&named=gone:1", "No direction 'gone'"),
        ("source=<b>x</b>&seed=<script>alert(1)</script>", "can't be used"),
    ],
)
def test_an_address_that_is_wrong_is_told_and_the_page_stays_usable(
    explorer: Server, browser: Browser, query: str, said: str
) -> None:
    page = open_page(browser, f"{explorer.address}/generate?{query}")
    says(page, said).to_be_visible()
    come_to_rest(page)
    if page.get_by_role("button", name="Reset").is_enabled():
        press(page, "Reset")
    if "base" in query:
        press(page, "Back to the seeds")
    expect(page.locator(".gan-grid img").first).to_be_visible()


def test_every_control_has_a_name_and_a_phone_needs_no_sideways_scrolling(
    explorer: Server, browser: Browser
) -> None:
    page = look_at(browser, f"{explorer.address}/generate?source=mine&seed=12&walk=1,2&plane=1,2,3&base=12/3")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for tool in TOOLS:
            hold(page, tool)
            nameless = page.evaluate(NAMELESS)
            assert not nameless, (tool, nameless)
            wait_until(lambda: page.evaluate(TOO_WIDE) <= 0, f"{tool} fits into {width} pixels")


TOO_WIDE = "document.querySelector('[data-testid=stMain]').scrollWidth - document.documentElement.clientWidth"
NAMELESS = """() => [...document.querySelectorAll(
    "[data-testid=stMain] :is(button, input, select, textarea, canvas, [role=slider], [role=radio])")]
  .filter((one) => one.offsetParent && one.type !== "hidden" && one.getAttribute("aria-hidden") !== "true")
  .filter((one) => {
    const by = (one.getAttribute("aria-labelledby") || "").split(" ")
      .map((id) => document.getElementById(id)?.innerText || "").join("");
    const inside = one.tagName === "BUTTON" || one.hasAttribute("role") ? one.innerText : "";
    return !(one.getAttribute("aria-label") || by || inside || one.title || one.labels?.[0]?.innerText
             || one.closest("[aria-label]"));
  })
  .map((one) => one.outerHTML.slice(0, 200))"""


def test_what_one_visitor_looked_at_is_nobody_else_s(serve: Serve, browser: Browser) -> None:
    server = serve(GAN_PUBLIC="1")
    page = open_page(browser, server.address)
    ready(page, 100_000).click()
    expect(state(page, "Running")).to_be_visible()
    wait_until(lambda: step(page) > 50, "it trains")
    press(page, "Stop")
    expect(state(page, "Stopped")).to_be_visible()
    page.get_by_role("link", name="Generate").click()
    expect(page.locator(".gan-grid img").first).to_be_visible()
    says_address(page, "weights=")
    stranger = open_page(browser, page.url)
    says(stranger, "Nothing to draw from yet").to_be_visible()
    come_to_rest(stranger)
    assert stranger.locator(".gan-grid").count() == 0
    assert read_source(next(server.runs.glob("visitors/*/.recent/*")))  # it is in the visitor's own folder
