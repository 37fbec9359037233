"""Our own components, alone in a browser: what they show between a message and its answer."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from bench.app_page import open_page
from ui.components import shared, sliders


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page with one slider's component, and `show(data)`, by which the server has it drawn."""
    page = open_page(browser, "about:blank")
    page.evaluate(
        """async (source) => {
          const draw = (await import("data:text/javascript," + encodeURIComponent(source))).default;
          window.messages = [];
          const setStateValue = (name, message) => messages.push(JSON.parse(JSON.stringify(message)));
          window.show = (data) => draw({ data, parentElement: document.body, setStateValue });
        }""",
        shared.PACED + sliders.JS,
    )
    yield page


def show(page: Page, value: float, heard: int) -> None:
    """What the server sends: its value of the slider, and the last message that it has heard."""
    dial = sliders.Dial("truncation", "Truncation", value, lambda value: None, 0.0, 2.0, 0.05)
    page.evaluate(f"show({json.dumps({'dials': [dial.to_json()], 'heard': heard})})")


def value(page: Page) -> float:
    return float(page.get_by_role("slider").input_value())


def test_a_slider_waits_for_the_answer_to_its_last_message_however_long_that_takes(page: Page) -> None:
    slider = page.get_by_role("slider")
    show(page, 1.0, heard=0)
    slider.press("ArrowLeft")
    page.wait_for_function("messages.length === 1")
    slider.press("ArrowLeft")
    page.wait_for_function("messages.length === 2")
    page.wait_for_timeout(1000)  # a slow server
    show(page, 0.95, heard=1)
    assert value(page) == 0.9
    show(page, 0.9, heard=2)
    assert value(page) == 0.9
    show(page, 1.0, heard=2)  # Reset
    assert value(page) == 1.0
    messages = page.evaluate("messages")
    assert messages[1] == {"places": {"truncation": 0.9}, "number": 2}


def test_a_server_that_begins_anew_is_believed(page: Page) -> None:
    show(page, 1.0, heard=7)
    page.get_by_role("slider").press("ArrowRight")
    page.wait_for_function("messages.length === 1")
    assert page.evaluate("messages[0].number") == 8
    show(page, 0.5, heard=0)
    assert value(page) == 0.5
