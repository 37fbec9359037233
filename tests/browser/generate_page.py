"""The Generate page, as tests steer it."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, LocatorAssertions, Page, expect

from bench.app_page import click, come_to_rest, open_page
from bench.browser import wait_until

TOOLS = {  # as the page calls them, and its address
    "Vary": "vary",
    "Walk": "walk",
    "Plane": "plane",
    "Nearest": "near",
    "Find": "find",
    "Files": "files",
}


def picture(page: Page) -> str:
    """The PNG that the grid shows."""
    return page.locator(".gan-grid img").first.get_attribute("src")


def look_at(browser: Browser, address: str) -> Page:
    """A page of its own that shows pictures."""
    page = open_page(browser, address)
    expect(page.locator(".gan-grid img").first).to_be_visible()
    come_to_rest(page)
    return page


def change(page: Page, act: Callable[[], object]) -> str:
    """Do something that brings another picture; return that."""
    seen = picture(page)
    act()
    wait_until(lambda: picture(page) != seen, "another picture is shown")
    come_to_rest(page)
    return picture(page)


def nudge(page: Page, slider: str, times: int, key: str = "ArrowRight") -> str:
    """Press a key on a slider, each time to another picture."""
    for _ in range(times):
        change(page, lambda: page.get_by_role("slider", name=slider).press(key))
    return picture(page)


def hold(page: Page, tool: str) -> None:
    """Take a tool, until the address says so."""
    choose(page, tool)
    says_address(page, f"tool={TOOLS[tool]}" if tool != "Vary" else "^((?!tool=).)*$")
    come_to_rest(page)


def choose(page: Page, option: str) -> None:
    """Choose one of several options that stand side by side."""
    click(
        page,
        page.get_by_role("radio", name=option).or_(page.get_by_role("button", name=option, exact=True)).first,
    )


def click_picture(page: Page, number: int) -> None:
    """Click a picture of the grid, counted from 1."""
    click(page, page.locator(".gan-grid button").nth(number - 1))


def says(page: Page, text: str) -> LocatorAssertions:
    """What is expected of the first text like that."""
    return expect(page.get_by_text(text).first)


def says_address(page: Page, pattern: str) -> None:
    """The browser's address comes to say that."""
    expect(page).to_have_url(re.compile(pattern))


def pixels_of(page: Page) -> np.ndarray:
    """What the grid shows: (rows, columns, 4) of 0 to 255. It comes as a PNG, which is soon here."""
    address = page.evaluate("""async () => {
      const image = document.querySelector(".gan-grid img"), canvas = document.createElement("canvas");
      await image.decode();
      canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
      canvas.getContext("2d").drawImage(image, 0, 0);
      return canvas.toDataURL();
    }""")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGBA"))


def drop(page: Page, file: Path) -> str:
    """A file that brings another look; the address says it then."""
    seen = page.url
    shown = change(page, lambda: page.locator("input[type=file]").last.set_input_files(file))
    expect(page).not_to_have_url(seen)
    return shown
