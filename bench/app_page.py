"""The app in a browser, as benches and tests steer it."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

PATIENCE = 60_000  # milliseconds that a page may take for what it takes one for on a machine without load
CHART = ".gan-chart"
ENDLESS = 50_000_000  # steps
PAGE_ERRORS: list[str] = []  # what broke in a browser, of the test that runs
expect.set_options(timeout=PATIENCE)


def open_page(browser: Browser, address: str) -> Page:
    """A page in a browser profile of its own."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: PAGE_ERRORS.append(f"{error}\n{error.stack}"))
    page.goto(address)
    return page


def come_to_rest(page: Page) -> None:
    """Wait until the page is whole: while it is made anew, parts of the one before are still there."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def click(page: Page, target: Locator) -> None:
    """Click when that can be used and the page has come to rest: what has just appeared may still move."""
    expect(target).to_be_enabled()
    come_to_rest(page)
    target.click()


def press(page: Page, name: str, within: Locator | None = None) -> None:
    """Click the first button of that name."""
    click(page, (within or page).get_by_role("button", name=name).first)


def pick(page: Page, item: str) -> None:
    """Click an item of the menu that is open."""
    click(page, page.get_by_role("menuitem", name=item).or_(page.get_by_text(item, exact=True)).first)


def start(page: Page) -> None:
    """A run so long that it cannot end while a test looks at it, however fast the machine."""
    ready(page, ENDLESS).click()
    expect(state(page, "Running")).to_be_visible()


def ready(page: Page, steps: int) -> Locator:
    """The Start button of a page that is set to that many steps."""
    button = page.get_by_role("button", name="Start", exact=False)
    expect(button).to_be_enabled()
    come_to_rest(page)
    set_number(page, "Stop at step", steps)
    return button


def short_run(page: Page, steps: int = 400) -> str:
    """A finished run of that many steps, and its name."""
    ready(page, steps).click()
    expect(state(page, "Finished")).to_be_visible()
    return run_name(page)


def run_name(page: Page, other_than: str | None = None) -> str:
    """The run that the address names, as soon as it names one, and not that other one."""
    address = re.compile(r"[?&]run=" + (f"(?!{re.escape(other_than)}$)" if other_than else "") + "[^&]+$")
    expect(page).to_have_url(address)
    return page.url.split("run=")[1]


def set_number(page: Page, label: str, value: int) -> None:
    """Type a number into the box of that label."""
    box = page.get_by_label(label, exact=True)
    box.fill(str(value))
    box.press("Enter")
    expect(box).to_have_value(str(value))


def state(page: Page, name: str) -> Locator:
    """The badge that says the run's state."""
    return page.locator("[data-testid=stBadge], [class*=Badge]").filter(has_text=name).first


def step(page: Page) -> int:
    """The step that the page shows."""
    metric = page.get_by_test_id("stMetric").filter(has=page.get_by_text("Step", exact=True))
    text = metric.get_by_test_id("stMetricValue").first.inner_text()  # a page in the making may show more
    return int(text.split("/")[0].replace(",", ""))


def last_point(page: Page, chart: int = 0) -> float:
    """The last step drawn in a chart; 0 where none is yet."""
    return page.evaluate(f"document.querySelectorAll('{CHART}')[{chart}]?.data?.[0].x.at(-1) ?? 0")


def upload(page: Page, file: Path) -> None:
    """Give a file to the last uploader of the page; the app has it when this returns."""
    with page.expect_response(lambda response: "upload_file" in response.url and response.ok):
        page.locator("input[type=file]").last.set_input_files(file)


def pick_step(page: Page, name: str) -> None:
    """Choose that entry of the Step menu."""
    press(page, "Step")
    pick(page, name)
