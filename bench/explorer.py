"""How fast a slider shows its picture in the explorer: `python -m bench.explorer [--times N]`.

A key pressed on a slider until the new grid is decoded and painted, in a real browser: while nothing
trains, then while the MLP and the DCGAN train. The browser's own share (the key to the message it sends, and
the message it gets to the painted picture) is told apart from the server's (between the two).
"""

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Browser, Page, expect

from bench.app_page import come_to_rest, open_page
from bench.browser import Server
from bench.chromium import chromium
from bench.page import start, stop
from gan.__main__ import main as gan
from gan.data import datasets
from gan.recipes.table import RECIPES

HEAR = """() => {
  window.sent = window.got = 0;
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...all) {
      super(...all);
      this.addEventListener("message", () => { window.got = performance.now(); });
    }
    send(data) { window.sent = performance.now(); super.send(data); }
  };
}"""
ARM = """() => {
  const image = document.querySelector(".gan-grid img");
  addEventListener("keydown", () => { window.begun = performance.now(); }, { capture: true, once: true });
  window.took = new Promise((resolve) => {
    setTimeout(() => resolve(null), 10000);
    new MutationObserver((_, observer) => {
      observer.disconnect();
      const server = window.got - window.sent;
      image.decode().then(() => requestAnimationFrame(() => resolve(
        { whole: Math.round(performance.now() - window.begun), server: Math.round(server) })));
    }).observe(image, { attributeFilter: ["src"] });
  });
}"""  # from the next key to the next picture, painted: milliseconds
QUIET = 15  # seconds after the first look, until the next spare worker has imported torch
SLIDERS = ("Truncation", "Direction 1", "Direction 2")


def moves(page: Page, times: int) -> list[dict]:
    """Milliseconds of that many moves of the sliders, back and forth."""
    found = []
    for number in range(times):
        key = "ArrowLeft" if number // len(SLIDERS) % 2 else "ArrowRight"
        page.evaluate(ARM)
        page.get_by_role("slider", name=SLIDERS[number % len(SLIDERS)]).press(key)
        took = page.evaluate("window.took")
        assert took, "a slider brought no picture within ten seconds"
        found.append(took)
        page.wait_for_timeout(60)
    return found


def explorer(browser: Browser, server: Server, run: str) -> Page:
    """The explorer open on a run, in a tab that notes when its socket speaks."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.add_init_script(f"({HEAR})()")
    page.goto(f"{server.address}/generate?source={run}&seed=7")
    expect(page.locator(".gan-grid img").first).to_be_visible(timeout=30_000)
    come_to_rest(page)
    moves(page, 2 * len(SLIDERS))  # not counted
    return page


def measure(times: int) -> dict:
    """Moves by recipe looked at and by what trains meanwhile."""
    found: dict = {}
    data = "mnist" if datasets.count("mnist") else "digits"
    with (
        tempfile.TemporaryDirectory() as name,
        chromium() as browser,
        Server(Path(name), datasets.data_root()) as server,
    ):
        for recipe in RECIPES:
            run = ["--run", str(server.runs / recipe), "--steps", "20"]
            assert not gan(["train", "--recipe", recipe, "--data", data, *run])
        trainer = open_page(browser, server.address)
        explorer(browser, server, "mlp").context.close()  # the viewer begins
        trainer.wait_for_timeout(1000 * QUIET)
        for training in (None, "mlp", "dcgan"):
            if training:
                start(trainer, server.address, training)
                trainer.wait_for_timeout(12_000)  # the app measures a recipe before its first run
            for recipe in RECIPES:
                page = explorer(browser, server, recipe)
                found.setdefault(training or "nothing", {})[recipe] = moves(page, times)
                page.context.close()
            if training:
                stop(trainer)
    return found


def table(found: dict) -> str:
    """The figures as lines of a table."""
    lines = []
    for training, recipes in found.items():
        for recipe, took in recipes.items():
            whole, served = ([one[kind] for one in took] for kind in ("whole", "server"))
            browser = [one["whole"] - one["server"] for one in took]
            shown = [
                f"{name} {median(each):.0f} and {quantiles(each, n=20)[-1]:.0f}"
                for name, each in (("in all", whole), ("server", served), ("browser", browser))
            ]
            lines.append(f"{recipe}, {training} trains, p50 and p95 in ms: {', '.join(shown)}")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench.explorer", description=__doc__)
    options.add_argument("--times", type=int, default=60, help="moves of a slider for each line")
    options.add_argument("--out", type=Path, help="write the figures here as JSON")
    asked = options.parse_args()
    found = measure(asked.times)
    if asked.out:
        asked.out.write_text(json.dumps(found) + "\n")
    print(table(found))


if __name__ == "__main__":
    main()
