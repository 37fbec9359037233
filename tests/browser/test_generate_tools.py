"""The tools of the Generate page in a real browser: directions, walks, planes, neighbours, searches."""

import json
import re
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from bench.app_page import (
    click,
    come_to_rest,
    press,
    upload,
)
from bench.browser import Server, wait_until
from tests.browser.generate_page import (
    choose,
    click_picture,
    hold,
    look_at,
    nudge,
    picture,
    pixels_of,
    says,
    says_address,
)
from tests.pictures.test_decode import bomb, file_of


def test_a_direction_is_named_kept_with_the_run_and_exported(
    explorer: Server, browser: Browser, tmp_path: Path
) -> None:
    page = look_at(browser, f"{explorer.address}/generate?source=mine&seed=12")
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
    saved = json.loads((explorer.runs / "mine" / "directions.json").read_text())
    assert [one["name"] for one in saved] == ["bolder"]

    other = look_at(browser, page.url)
    assert picture(other) == picture(page)
    choose(other, "Saved")
    expect(other.get_by_role("slider", name="bolder")).to_be_visible()
    press(other, "Export, import, forget")
    with other.expect_download() as download:
        press(other, "Export all")
    assert json.loads(Path(download.value.path()).read_text()) == saved


def test_a_walk_is_played_and_saved_as_a_film(explorer: Server, browser: Browser) -> None:
    page = look_at(browser, f"{explorer.address}/generate?source=mine&seed=12&tool=walk")
    click_picture(page, 2)
    says_address(page, "walk=12/1$")
    click_picture(page, 5)
    expect(page.locator(".gan-walk canvas")).to_be_visible()
    says(page, "60 frames, 2.5 s").to_be_visible()
    place = page.get_by_role("slider", name="Frame shown")
    seen = place.input_value()
    wait_until(lambda: place.input_value() != seen, "it plays")
    page.get_by_role("button", name="Hold").focus()
    page.keyboard.press("Tab")  # on to the slider: it holds, where a screen reader would read out each frame
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    for kind in ("GIF", "MP4", "PNG frames"):
        click(page, page.get_by_role("button", name=re.compile(f"Make {kind} · about")))
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile(f"Download {kind}")).click()
        assert Path(download.value.path()).stat().st_size > 1000
    says_address(page, "walk=12/1,12/4")
    move_keyframes(page)
    again = look_at(browser, page.url)
    expect(again.locator(".gan-walk canvas")).to_be_visible()
    press(again, "Clear")
    says(again, "Click pictures to add keyframes").to_be_visible()


def move_keyframes(page: Page) -> None:
    """By keys and by the mouse; two more come and go."""
    first, second = (page.get_by_role("button", name=f"Remove keyframe {n}") for n in (1, 2))
    second.focus()
    page.keyboard.press("Alt+ArrowLeft")
    says_address(page, "walk=12/4,12/1")
    come_to_rest(page)
    second.drag_to(first)
    says_address(page, "walk=12/1,12/4")
    come_to_rest(page)
    click_picture(page, 7)
    says_address(page, "walk=12/1,12/4,12/6$")
    click_picture(page, 8)
    says_address(page, "walk=12/1,12/4,12/6,12/7")
    page.get_by_role("button", name="Remove keyframe 4").focus()
    for _ in range(3):  # faster than the server answers
        page.keyboard.press("Alt+ArrowLeft")
    says_address(page, "walk=12/7,12/1,12/4,12/6")
    come_to_rest(page)
    press(page, "Remove keyframe 1")
    says_address(page, "walk=12/1,12/4,12/6$")
    press(page, "Remove keyframe 3")
    says_address(page, "walk=12/1,12/4$")


def test_a_plane_is_dragged_across(explorer: Server, browser: Browser) -> None:
    page = look_at(browser, f"{explorer.address}/generate?source=mine&seed=12&tool=plane")
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
    wait_until(lambda: shown.get_attribute("src") != seen, "another picture")
    says_address(page, r"across=0\.7[123]")
    page.get_by_text("Snap to the tiles").click()
    across = page.get_by_role("slider", name="Across")
    expect(across).to_have_attribute("step", "0.125")  # the pad has heard of it
    across.press("ArrowRight")
    says_address(page, "across=0.875")
    page.get_by_role("button", name="Make it the base", exact=True).click()
    says_address(page, "base=z")


def test_nearest_training_pictures_are_shown_with_an_honest_word(explorer: Server, browser: Browser) -> None:
    page = look_at(browser, f"{explorer.address}/generate?source=mine&seed=12&tool=near")
    click_picture(page, 3)
    says(page, "of 1,797 training pictures").to_be_visible()
    says(page, "In pixels").to_be_visible()
    says(page, "In shape").to_be_visible()
    says(page, "no sign of copying is no proof").to_be_visible()
    assert page.get_by_text("the data").or_(page.get_by_text("each other")).count() >= 2


def test_the_latent_of_an_uploaded_picture_is_found_and_used(
    explorer: Server, browser: Browser, tmp_path: Path
) -> None:
    page = look_at(browser, f"{explorer.address}/generate?source=mine&seed=12&grid=1")
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Download$")).click()
    download.value.save_as(tmp_path / "own.png")
    hold(page, "Find")
    find = page.get_by_role("button", name="Find its latent")
    expect(find).to_be_disabled()
    page.locator("input[type=file]").last.set_input_files(tmp_path / "own.png")
    expect(find).to_be_enabled()
    press(page, "Find its latent")
    says(page, "Wanted, and found").to_be_visible()
    error = float(re.search(r"error (0\.\d+)", page.get_by_text("Wanted, and found").inner_text())[1])
    assert error < 0.01
    expect(page.locator(".gan-chart")).to_be_visible()
    page.get_by_role("button", name="Make it the base", exact=True).click()
    says_address(page, "base=z")
    assert abs_difference(page, tmp_path / "own.png") < 12


def abs_difference(page: Page, file: Path) -> float:
    wanted = np.asarray(Image.open(file).convert("RGBA")).astype(float)
    return float(np.abs(pixels_of(page) - wanted).mean())


def test_a_search_can_be_cancelled_and_bad_uploads_are_told(
    explorer: Server, browser: Browser, tmp_path: Path
) -> None:
    page = look_at(browser, f"{explorer.address}/generate?source=mine&tool=find")
    bad = {
        "text.png": (b"renamed text", "no picture"),
        "one.png": (file_of(Image.new("L", (1, 1))), "1×1 pixels"),
        "large.png": (bomb(10_000, 10_000), "10,000×10,000 pixels"),
        "torn.jpg": (file_of(Image.effect_noise((400, 400), 90), "JPEG")[:9000], "damaged"),
    }
    for name, (content, said) in bad.items():
        (tmp_path / name).write_bytes(content)
        upload(page, tmp_path / name)
        press(page, "Find its latent")
        says(page, said).to_be_visible()
    (tmp_path / "huge.png").write_bytes(bytes(50_000_000))
    page.locator("input[type=file]").last.set_input_files(tmp_path / "huge.png")
    says(page, "20").to_be_visible()
    choose(page, "A training picture")
    press(page, "How long")
    page.get_by_role("slider", name="Steps").press("End")
    page.keyboard.press("Escape")
    press(page, "Find its latent")
    page.get_by_role("button", name="Cancel").click()
    says(page, "Cancelled").to_be_visible()
    assert picture(page)


def test_a_file_of_directions_that_is_broken_is_told_once_and_the_page_rests(
    explorer: Server, browser: Browser
) -> None:
    broken = explorer.runs / "mine" / "directions.json"
    before = broken.read_bytes() if broken.exists() else b"[]"
    broken.write_text("{")
    try:
        page = look_at(browser, f"{explorer.address}/generate?source=mine&seed=12")
        choose(page, "Saved")
        says(page, "holds no directions that can be read").to_be_visible()
        come_to_rest(page)
        expect(page.locator(".gan-grid img").first).to_be_visible()
    finally:
        broken.write_bytes(before)
