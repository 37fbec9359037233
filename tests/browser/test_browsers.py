"""What browsers do behind the page: refuse to store anything, translate its text."""

import re

from playwright.sync_api import Browser, Page, expect

from bench.app_page import come_to_rest, open_page, press, run_name, start, state, step
from bench.browser import Server, wait_until
from tests.browser.conftest import Serve

NO_STORAGE = """
Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("The operation is insecure.", "SecurityError"); },
});
"""
TRANSLATOR = """
() => {  // as a browser does: what has text is replaced by nodes of its own, now and later
  const translate = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      const parent = text.parentElement;
      if (!parent || parent.closest("font, script, style, [translate=no]")) continue;
      if (!text.nodeValue.trim()) continue;
      const font = document.createElement("font");
      font.textContent = "«" + text.nodeValue + "»";
      text.replaceWith(font);
    }
  };
  translate(document.body);
  new MutationObserver((records) => records.forEach(({ addedNodes }) => addedNodes.forEach(translate)))
    .observe(document.body, { childList: true, subtree: true });
}
"""


def test_where_a_browser_stores_nothing_a_reload_and_an_address_lead_back_to_the_runs(
    serve: Serve, browser: Browser
) -> None:
    server = serve(GAN_PUBLIC="1", GAN_MAX_STEPS="60000000")
    page = open_page_without_storage(browser, server.address)
    start(page)
    press(page, "Pause")
    expect(state(page, "Paused")).to_be_visible()
    expect(page.get_by_text("Your runs belong to this tab")).to_be_visible()
    expect(page.get_by_text("Your runs belong to this browser")).to_be_hidden()
    name = run_name(page)
    page.reload()
    expect(state(page, "Paused")).to_be_visible()
    assert run_name(page) == name and len(list(server.runs.glob("visitors/*"))) == 1

    address = page.get_by_role("link", name="Address of your runs").get_attribute("href")
    elsewhere = open_page(browser, server.address)  # a browser that stores, with a visitor of its own
    expect(elsewhere.get_by_text("Pick a recipe, press Start")).to_be_visible()
    own = elsewhere.evaluate("localStorage.getItem('gan-visitor')")
    elsewhere.goto("about:blank")
    elsewhere.goto(address)
    expect(state(elsewhere, "Paused")).to_be_visible()
    assert run_name(elsewhere) == name and "#" not in elsewhere.url
    assert elsewhere.evaluate("localStorage.getItem('gan-visitor')") == own != address.split("=")[1]
    secret = address.split("=")[1]
    written = [server.log_text(), *(str(path) for path in server.runs.rglob("*"))]
    assert re.fullmatch("[0-9a-f]{64}", secret) and not any(secret in text for text in written)


def open_page_without_storage(browser: Browser, address: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(NO_STORAGE)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    return page


def test_a_browser_that_translates_shows_the_state_and_the_figures_as_they_are(
    server: Server, browser: Browser
) -> None:
    page = open_page(browser, server.address)
    start(page)
    wait_until(lambda: step(page) > 50, "it trains")
    come_to_rest(page)
    page.evaluate(TRANSLATOR)
    expect(state(page, "«")).to_be_visible()
    seen, losses = step(page), losses_line(page)
    assert "«" not in losses
    wait_until(lambda: step(page) > seen and losses_line(page) != losses, "the figures go on")
    press(page, "Pause")
    expect(state(page, "Paused")).to_be_visible()
    expect(state(page, "Running")).to_be_hidden()
    press(page, "Stop")
    expect(state(page, "Stopped")).to_be_visible()
    page.get_by_role("link", name="Runs").click()
    expect(state(page, "Stopped")).to_be_visible()


def losses_line(page: Page) -> str:
    """The latest losses, as the page tells them above the chart."""
    return page.get_by_text(re.compile("Losses")).first.locator("xpath=ancestor-or-self::p").inner_text()
