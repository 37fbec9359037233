"""The explorer in a real browser: looked at, steered, shared, brought back."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from bench.app_page import (
    PAGE_ERRORS,
    come_to_rest,
    open_page,
    press,
    ready,
    start,
    state,
    step,
)
from bench.browser import Server, wait_until
from gan.__main__ import main
from gan.generator.folder import read_source
from gan.latent.points import explicit
from gan.nets.weights import save_generator
from tests.generators import lively
from tests.pictures.test_decode import bomb, file_of
from tests.worker.test_viewer import CONFIG

expect.set_options(timeout=20_000)
TOOLS = ("Vary", "Walk", "Plane", "Nearest", "Find", "Files")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server for all tests here that need no other one, with a run "mine" whose pictures differ."""
    server = Server(tmp_path_factory.mktemp("explorer"))
    run = server.runs / "mine"
    options = ["--recipe", "mlp", "--data", "digits", "--steps", "5", "--device", "cpu"]
    assert main(["train", *options, "--run", str(run)]) == 0
    config = CONFIG.model_copy(update={"step": 5})
    save_generator(run, lively("mlp").state_dict(), config)
    yield server
    server.stop()
    assert "Traceback" not in server.log_text()


@pytest.fixture(autouse=True)
def nothing_breaks_in_the_page():
    PAGE_ERRORS.clear()
    yield
    assert not PAGE_ERRORS


def picture(page: Page) -> str:
    return page.locator(".gan-grid img").first.get_attribute("src")


def look_at(browser: Browser, address: str) -> Page:
    page = open_page(browser, address)
    expect(page.locator(".gan-grid img").first).to_be_visible(timeout=30_000)
    come_to_rest(page)
    return page


def change(page: Page, act) -> str:
    """Do something that brings another picture; return that."""
    seen = picture(page)
    act()
    wait_until(lambda: picture(page) != seen, 15, "another picture is shown")
    come_to_rest(page)
    return picture(page)


def nudge(page: Page, slider: str, times: int, key: str = "ArrowRight") -> str:
    for _ in range(times):
        change(page, lambda: page.get_by_role("slider", name=slider).press(key))
    return picture(page)


def hold(page: Page, tool: str) -> None:
    come_to_rest(page)
    page.get_by_role("radio", name=tool).or_(page.get_by_role("button", name=tool, exact=True)).first.click()
    come_to_rest(page)


def click_picture(page: Page, number: int) -> None:
    come_to_rest(page)
    page.locator(".gan-grid button").nth(number - 1).click()
    come_to_rest(page)


def says(page: Page, text: str):
    return expect(page.get_by_text(text).first)


def says_address(page: Page, pattern: str) -> None:
    """The browser's address comes to say that."""
    expect(page).to_have_url(re.compile(pattern))


def test_pictures_are_generated_while_training_goes_on(serve, browser):
    page = open_page(browser, serve().address)
    start(page)
    wait_until(lambda: step(page) > 50, 60, "it trains")
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


def test_a_shared_address_shows_the_same_pixels_in_a_fresh_browser(serve, browser):
    """Another browser, the address alone, and training has long gone on meanwhile."""
    server = serve()
    page = open_page(browser, server.address)
    start(page)
    wait_until(lambda: step(page) > 100, 60, "it trains")
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
    wait_until(lambda: step(page) > at + 200, 60, "training goes on")
    press(page, "Stop")
    expect(state(page, "Stopped")).to_be_visible()

    fresh = look_at(browser, address)
    assert picture(fresh) == shown
    expect(fresh.get_by_role("textbox", name="Seed, or a list")).to_have_value("4,7-9")
    assert fresh.url == address
    fresh.reload()
    expect(fresh.locator(".gan-grid img").first).to_be_visible(timeout=30_000)
    assert picture(fresh) == shown


def test_a_downloaded_picture_brings_back_how_it_was_made(server, browser, tmp_path):
    page = look_at(browser, f"{server.address}/generate?source=mine&seed=12&grid=9&t=0.8&svd=0,1.5")
    shown = picture(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Download$")).click()
    file = tmp_path / "picture.png"
    download.value.save_as(file)

    other = look_at(browser, f"{server.address}/generate")
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


def drop(page: Page, file: Path) -> str:
    """A file that brings another look; the address says it then."""
    seen = page.url
    shown = change(page, lambda: page.locator("input[type=file]").last.set_input_files(file))
    expect(page).not_to_have_url(seen)
    return shown


def test_latents_leave_and_come_back_as_files(server, browser, tmp_path):
    page = look_at(browser, f"{server.address}/generate?source=mine&seed=12&grid=4&t=0.8&tool=files")
    for kind in ("safetensors", "json"):
        with page.expect_download() as download:
            press(page, f"Latents as {kind}")
        download.value.save_as(tmp_path / f"latents.{kind}")
        other = look_at(browser, f"{server.address}/generate?source=mine&tool=files")
        drop(other, tmp_path / f"latents.{kind}")
        assert pixels_of(other) == pixels_of(page)


def pixels_of(page: Page) -> list:
    """What the grid shows, without the note that the PNG carries."""
    return page.evaluate("""async () => {
      const image = document.querySelector(".gan-grid img"), canvas = document.createElement("canvas");
      await image.decode();
      canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
      const pen = canvas.getContext("2d");
      pen.drawImage(image, 0, 0);
      return [canvas.width, ...pen.getImageData(0, 0, canvas.width, canvas.height).data];
    }""")


def test_a_picture_becomes_the_base_and_one_comes_back(server, browser):
    page = look_at(browser, f"{server.address}/generate?source=mine&seed=12")
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
    wait_until(lambda: picture(page) == seeds, 15, "the seed's own pictures again")


def test_the_keyboard_reaches_every_picture(server, browser):
    page = look_at(browser, f"{server.address}/generate?source=mine&seed=12")
    pictures = page.locator(".gan-grid button")
    assert [pictures.nth(index).get_attribute("tabindex") for index in (0, 1)] == ["0", "-1"]
    pictures.first.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "End", "ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == "Picture 13: make it the base"
    change(page, lambda: page.keyboard.press("Enter"))
    says(page, "seed 12, picture 13").to_be_visible()


def test_a_direction_is_named_kept_with_the_run_and_exported(server, browser, tmp_path):
    page = look_at(browser, f"{server.address}/generate?source=mine&seed=12")
    nudge(page, "Direction 1", 3)
    shown = nudge(page, "Direction 3", 2, "ArrowLeft")
    press(page, "Save direction")
    page.get_by_label("Name").fill("bolder, or so")
    page.get_by_label("Name").press("Enter")
    press(page, "Save", page.get_by_test_id("stPopoverBody"))
    says(page, "can't be a direction's name").to_be_visible()
    assert picture(page) == shown
    page.get_by_label("Name").fill("bolder")
    page.get_by_label("Name").press("Enter")
    press(page, "Save", page.get_by_test_id("stPopoverBody"))
    says_address(page, "named=bolder")
    saved = json.loads((server.runs / "mine" / "directions.json").read_text())
    assert [one["name"] for one in saved] == ["bolder"]

    other = look_at(browser, page.url)
    assert picture(other) == picture(page)
    hold(other, "Saved")
    expect(other.get_by_role("slider", name="bolder")).to_be_visible()
    press(other, "Export, import, forget")
    with other.expect_download() as download:
        press(other, "Export all")
    assert json.loads(Path(download.value.path()).read_text()) == saved


def test_a_walk_is_played_and_saved_as_a_film(server, browser):
    page = look_at(browser, f"{server.address}/generate?source=mine&seed=12&tool=walk")
    click_picture(page, 2)
    click_picture(page, 5)
    expect(page.locator(".gan-walk canvas")).to_be_visible()
    says(page, "60 frames, 2.5 s").to_be_visible()
    place = page.get_by_role("slider", name="Frame shown")
    seen = place.input_value()
    wait_until(lambda: place.input_value() != seen, 10, "it plays")
    page.get_by_role("button", name="Hold").focus()
    page.keyboard.press("Tab")  # on to the slider: it holds, where a screen reader would read out each frame
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    for kind in ("GIF", "MP4", "PNG frames"):
        come_to_rest(page)
        page.get_by_role("button", name=re.compile(f"Make {kind} · about")).click()
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile(f"Download {kind}")).click()
        assert Path(download.value.path()).stat().st_size > 1000
    says_address(page, "walk=12/1,12/4")
    first, second = (page.get_by_role("button", name=f"Remove keyframe {n}") for n in (1, 2))
    second.focus()
    page.keyboard.press("Alt+ArrowLeft")
    says_address(page, "walk=12/4,12/1")
    come_to_rest(page)
    second.drag_to(first)
    says_address(page, "walk=12/1,12/4")
    come_to_rest(page)
    click_picture(page, 7)
    click_picture(page, 8)
    says_address(page, "walk=12/1,12/4,12/6,12/7")
    page.get_by_role("button", name="Remove keyframe 4").focus()
    for _ in range(3):  # faster than the server answers
        page.keyboard.press("Alt+ArrowLeft")
    says_address(page, "walk=12/7,12/1,12/4,12/6")
    come_to_rest(page)
    page.get_by_role("button", name="Remove keyframe 1").click()
    come_to_rest(page)
    page.get_by_role("button", name="Remove keyframe 3").click()
    says_address(page, "walk=12/1,12/4$")
    again = look_at(browser, page.url)
    expect(again.locator(".gan-walk canvas")).to_be_visible()
    press(again, "Clear")
    says(again, "Click pictures to add keyframes").to_be_visible()


def test_a_plane_is_dragged_across(server, browser):
    page = look_at(browser, f"{server.address}/generate?source=mine&seed=12&tool=plane")
    press(page, "Take the first four")
    pad = page.locator(".gan-pad")
    expect(pad).to_be_visible()
    come_to_rest(page)
    pad.scroll_into_view_if_needed()
    shown = page.get_by_alt_text("The picture at this place of the plane")
    seen, box = shown.get_attribute("src"), pad.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.6, steps=20)
    page.mouse.up()
    wait_until(lambda: shown.get_attribute("src") != seen, 15, "another picture")
    says_address(page, r"across=0\.7[123]")
    page.get_by_text("Snap to the tiles").click()
    across = page.get_by_role("slider", name="Across")
    expect(across).to_have_attribute("step", "0.125")  # the pad has heard of it
    across.press("ArrowRight")
    says_address(page, "across=0.875")
    page.get_by_role("button", name="Make it the base", exact=True).click()
    says_address(page, "base=z")


def test_nearest_training_pictures_are_shown_with_an_honest_word(server, browser):
    page = look_at(browser, f"{server.address}/generate?source=mine&seed=12&tool=near")
    click_picture(page, 3)
    says(page, "of 1,797 training pictures").to_be_visible(timeout=40_000)
    says(page, "In pixels").to_be_visible()
    says(page, "In shape").to_be_visible()
    says(page, "no sign of copying is no proof").to_be_visible()
    assert page.get_by_text("the data").or_(page.get_by_text("each other")).count() >= 2


def test_the_latent_of_an_uploaded_picture_is_found_and_used(server, browser, tmp_path):
    page = look_at(browser, f"{server.address}/generate?source=mine&seed=12&grid=1")
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Download$")).click()
    download.value.save_as(tmp_path / "own.png")
    hold(page, "Find")
    find = page.get_by_role("button", name="Find its latent")
    expect(find).to_be_disabled()
    page.locator("input[type=file]").last.set_input_files(tmp_path / "own.png")
    expect(find).to_be_enabled()
    press(page, "Find its latent")
    says(page, "Wanted, and found").to_be_visible(timeout=40_000)
    error = float(re.search(r"error (0\.\d+)", page.get_by_text("Wanted, and found").inner_text())[1])
    assert error < 0.01
    expect(page.locator(".gan-chart")).to_be_visible()
    page.get_by_role("button", name="Make it the base", exact=True).click()
    says_address(page, "base=z")
    assert abs_difference(page, tmp_path / "own.png") < 12


def abs_difference(page: Page, file: Path) -> float:
    wanted = np.asarray(Image.open(file).convert("RGBA")).reshape(-1).astype(float)
    _, *shown = pixels_of(page)
    return float(np.abs(np.asarray(shown) - wanted).mean())


def test_a_search_can_be_cancelled_and_bad_uploads_are_told(server, browser, tmp_path):
    page = look_at(browser, f"{server.address}/generate?source=mine&tool=find")
    bad = {
        "text.png": (b"renamed text", "no picture"),
        "one.png": (file_of(Image.new("L", (1, 1))), "1×1 pixels"),
        "large.png": (bomb(10_000, 10_000), "10,000×10,000 pixels"),
        "torn.jpg": (file_of(Image.effect_noise((400, 400), 90), "JPEG")[:9000], "damaged"),
    }
    for name, (content, said) in bad.items():
        (tmp_path / name).write_bytes(content)
        come_to_rest(page)
        page.locator("input[type=file]").last.set_input_files(tmp_path / name)
        press(page, "Find its latent")
        says(page, said).to_be_visible(timeout=30_000)
    (tmp_path / "huge.png").write_bytes(bytes(50_000_000))
    page.locator("input[type=file]").last.set_input_files(tmp_path / "huge.png")
    says(page, "20").to_be_visible()
    hold(page, "A training picture")
    press(page, "How long")
    page.get_by_role("slider", name="Steps").press("End")
    page.keyboard.press("Escape")
    press(page, "Find its latent")
    page.get_by_role("button", name="Cancel").click()
    says(page, "Cancelled").to_be_visible()
    assert picture(page)


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
def test_an_address_that_is_wrong_is_told_and_the_page_stays_usable(server, browser, query, said):
    page = open_page(browser, f"{server.address}/generate?{query}")
    says(page, said).to_be_visible(timeout=30_000)
    come_to_rest(page)
    if page.get_by_role("button", name="Reset").is_enabled():
        press(page, "Reset")
    if "base" in query:
        press(page, "Back to the seeds")
    expect(page.locator(".gan-grid img").first).to_be_visible()


def test_every_control_has_a_name_and_a_phone_needs_no_sideways_scrolling(server, browser):
    page = look_at(browser, f"{server.address}/generate?source=mine&seed=12&walk=1,2&plane=1,2,3&base=12/3")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for tool in TOOLS:
            hold(page, tool)
            nameless = page.evaluate(NAMELESS)
            assert not nameless, (tool, nameless)
            over = page.evaluate(TOO_WIDE)
            assert over <= 0, (tool, width, over)


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


def test_a_file_of_directions_that_is_broken_is_told_once_and_the_page_rests(server, browser):
    broken = server.runs / "mine" / "directions.json"
    before = broken.read_bytes() if broken.exists() else b"[]"
    broken.write_text("{")
    try:
        page = look_at(browser, f"{server.address}/generate?source=mine&seed=12")
        hold(page, "Saved")
        says(page, "holds no directions that can be read").to_be_visible()
        come_to_rest(page)
        expect(page.locator(".gan-grid img").first).to_be_visible()
    finally:
        broken.write_bytes(before)


def test_what_one_visitor_looked_at_is_nobody_else_s(serve, browser):
    server = serve(GAN_PUBLIC="1")
    page = open_page(browser, server.address)
    ready(page, 100_000).click()
    expect(state(page, "Running")).to_be_visible()
    wait_until(lambda: step(page) > 50, 60, "it trains")
    press(page, "Stop")
    expect(state(page, "Stopped")).to_be_visible()
    page.get_by_role("link", name="Generate").click()
    expect(page.locator(".gan-grid img").first).to_be_visible()
    says_address(page, "weights=")
    stranger = open_page(browser, page.url)
    says(stranger, "Nothing to draw from yet").to_be_visible(timeout=30_000)
    come_to_rest(stranger)
    assert stranger.locator(".gan-grid").count() == 0
    assert read_source(next(server.runs.glob("visitors/*/.recent/*")))  # it is in the visitor's own folder
