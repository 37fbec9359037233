"""What the page costs and how fast it answers, as part of `python -m bench`.

A server, one Chromium, and training on the same machine. Rates are counted from the run's history on the
clock, saving and publishing included; headless, the same browser idles beside.
"""

import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep

import numpy as np
from playwright.sync_api import Browser, Page, expect

from bench.app_page import come_to_rest, set_number, state
from bench.browser import MNIST, Server
from bench.chromium import chromium
from bench.open_history import busy
from gan.compute.settings import prepare
from gan.data import datasets
from gan.recipes.numerics import Numerics
from gan.recipes.table import RECIPES
from gan.runner.start import begin
from gan.runs.order import Order
from gan.runs.run import ROW_BYTES, Run

REFRESH = 1.0  # seconds between two refreshes of the Train page
LENGTHS = (10**3, 10**4, 10**5, 10**6)  # steps already recorded when refreshes are measured
RECIPES_MEASURED = ("mlp", "dcgan")
SETTLE = 3.0  # seconds after a start that are not counted
ENDLESS = 50_000_000  # steps
PICTURE = re.compile(rb"data:image/png;base64,[A-Za-z0-9+/=]+")
CLICK = """([name, sign]) => new Promise((resolve) => {
  const seen = () => [...document.querySelectorAll('[data-testid="stBadge"], [class*="Badge"]')]
    .some((badge) => badge.innerText.includes(sign));
  const find = () => [...document.querySelectorAll("button")]
    .find((button) => button.innerText.trim().endsWith(name) && !button.disabled);
  const start = performance.now();
  find().click();
  const look = () => seen() ? resolve(performance.now() - start)
    : performance.now() - start > 10000 ? resolve(10000) : requestAnimationFrame(look);
  look();
})"""  # milliseconds from a click to its effect in the page
PULSE = """() => { window.gaps = []; let last = performance.now(); setInterval(() => {
  const now = performance.now(); window.gaps.push(now - last); last = now; }, 20); }"""


def open_page(browser: Browser, address: str) -> Page:
    """A page of its own, whose run gets a name by itself."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(address)
    return page


def start(page: Page, address: str, recipe: str) -> None:
    """Train that recipe without an end."""
    page.goto(address)
    expect(page.get_by_text("Chosen").first).to_be_visible(timeout=30_000)
    choose = page.locator(f".st-key-choose-{recipe} button")
    if choose.count():
        choose.click()
        expect(choose).to_have_count(0)
    button = page.get_by_role("button", name="Start", exact=False)
    expect(button).to_be_enabled()
    come_to_rest(page)
    set_number(page, "Stop at step", ENDLESS)
    come_to_rest(page)
    button.click()
    expect(state(page, "Running")).to_be_visible(timeout=60_000)


def stop(page: Page) -> None:
    """End the run, saved."""
    page.get_by_role("button", name="Stop").click()
    expect(state(page, "Stopped")).to_be_visible(timeout=30_000)


def in_app(page: Page, server: Server, recipe: str, seconds: float) -> dict:
    """Steps a second with the page open, and the share of a core that the server used."""
    start(page, server.address, recipe)
    newest = max(server.runs.glob("*/run.json"), key=lambda file: file.stat().st_mtime).parent
    history = newest / "history.f32"
    while not history.exists() or history.stat().st_size < 20 * ROW_BYTES:
        sleep(0.1)
    sleep(SETTLE)
    first, clock = history.stat().st_size, perf_counter()
    cpu = busy(server.process.pid)
    sleep(seconds)
    took = perf_counter() - clock
    rate = (history.stat().st_size - first) / ROW_BYTES / took
    served = (busy(server.process.pid) - cpu) / 1000 / took
    stop(page)
    return {"rate": rate, "server": served, "numerics": Run(newest).stored_info().numerics.told("cpu")}


def headless(folder: Path, recipe: str, data: str, seconds: float) -> dict:
    """Steps a second of `python -m gan train`."""
    command = [sys.executable, "-m", "gan", "train", "--recipe", recipe, "--data", data, "--json"]
    command += ["--steps", str(ENDLESS), "--seconds", str(seconds + SETTLE), "--run", str(folder)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout.splitlines()[-1])
    return {"rate": told["steps_per_second"], "numerics": Numerics(**told["numerics"]).told("cpu")}


def answers(page: Page, times: int) -> list[float]:
    """Milliseconds from a click on Pause or Resume to the page that shows its effect."""
    found = []
    for _ in range(times):
        for name, sign in (("Pause", "Paused"), ("Resume", "Running")):
            found.append(page.evaluate(CLICK, [name, sign]))
            page.wait_for_timeout(random.randrange(300, 900))
    return found


def clicking(page: Page, minutes: float) -> dict:
    """Whatever a visitor clicks, for minutes: the longest time the browser, or an answer, stood still."""
    page.evaluate(PULSE)
    until, worst, clicks = perf_counter() + 60 * minutes, 0.0, 0
    while perf_counter() < until:
        for name, sign in (("Pause", "Paused"), ("Resume", "Running")):
            worst = max(worst, page.evaluate(CLICK, [name, sign]))
            for tab in random.sample(["Structure", "Events", "Checkpoints", "Settings"], 2):
                page.get_by_role("tab", name=tab).click()
                page.wait_for_timeout(random.randrange(50, 400))
            clicks += 3
    return {"clicks": clicks, "browser": max(page.evaluate("window.gaps")), "answer": worst}


def long_run(root: Path, steps: int) -> Run:
    """A run that stands at that step with all of its history, as if it had been trained here."""
    run = Run.make(root / f"long-{steps}")
    numerics = Numerics()
    prepare(numerics)
    with run.owned():
        training = begin(run, Order(RECIPES["mlp"], "digits", 1, ENDLESS, "cpu", numerics))
        rng = np.random.default_rng(1)
        run.append_history(rng.normal(0.7, 0.1, (steps, 4)).clip(0, 1).astype(np.float32))
        training.trainer.steps = steps
        training.stop()
    return run


def refreshes(browser: Browser, server: Server, run: Run, seconds: float) -> dict:
    """Kilobytes a refresh of that run brings beside its pictures, and the server's milliseconds."""
    page, frames = open_page(browser, f"{server.address}/?run={run.name}"), []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    page.reload()
    page.get_by_role("button", name="Resume").click()
    expect(state(page, "Running")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(1000 * SETTLE)
    frames.clear()
    cpu = busy(server.process.pid)
    page.wait_for_timeout(1000 * seconds)
    cpu = busy(server.process.pid) - cpu
    got = [frame if isinstance(frame, bytes) else frame.encode() for frame in frames]
    pictures = sum(len(found) for frame in got for found in PICTURE.findall(frame))
    count = seconds / REFRESH
    sent = (sum(map(len, got)) - pictures) / count / 1000
    stop(page)
    page.context.close()
    return {"kilobytes": sent, "pictures": pictures / count / 1000, "milliseconds": cpu / count}


def start_up(folder: Path, browser: Browser) -> dict:
    """Seconds until a fresh server answers, and until its first page can be used."""
    begin = perf_counter()
    with Server(folder, MNIST if MNIST.exists() else None) as server:
        answered = perf_counter() - begin
        page = open_page(browser, server.address)
        expect(page.get_by_text("Pick a recipe")).to_be_visible(timeout=30_000)
        usable = perf_counter() - begin
        page.context.close()
    return {"answers": answered, "usable": usable}


def measure(browser: Browser, rounds: int, seconds: float, minutes: float) -> dict:
    """All of it, as JSON."""
    found: dict = {"rates": {}, "refresh": {}}
    data = "mnist" if datasets.count("mnist") else "digits"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(min(rounds, 3)):
            (folder / f"fresh-{number}").mkdir()
            found.setdefault("start", []).append(start_up(folder / f"fresh-{number}", browser))
        (folder / "app").mkdir()
        with Server(folder / "app", datasets.data_root()) as server:
            page = open_page(browser, server.address)
            sleep(SETTLE)
            for recipe in RECIPES_MEASURED:
                both = found["rates"][recipe] = {"app": [], "headless": []}
                for number in range(rounds):
                    both["app"].append(in_app(page, server, recipe, seconds))
                    page.goto(server.address)
                    sleep(1)
                    at = folder / f"{recipe}-{number}"
                    both["headless"].append(headless(at, recipe, data, seconds))
            start(page, server.address, "mlp")
            sleep(SETTLE)
            found["answers"] = answers(page, 4 * rounds)
            found["clicking"] = clicking(page, minutes)
            stop(page)
            page.context.close()
            for length in LENGTHS:
                run = long_run(server.runs, length)
                found["refresh"][length] = refreshes(browser, server, run, seconds)
    return found


def table(found: dict) -> str:
    """The figures as lines of a table."""
    lines = []
    for recipe, both in found["rates"].items():
        ratios = [a["rate"] / h["rate"] for a, h in zip(both["app"], both["headless"], strict=True)]
        app, alone = (median(one["rate"] for one in both[kind]) for kind in ("app", "headless"))
        spread = f"{min(ratios):.2f}–{max(ratios):.2f}"
        lines.append(
            f"{recipe}, in the app {app:.1f}/s ({both['app'][0]['numerics']}) against headless {alone:.1f}/s "
            f"({both['headless'][0]['numerics']}): {median(ratios):.2f} ({spread})"
        )
    times = sorted(found["answers"])
    p95 = quantiles(times, n=20)[-1]
    lines.append(f"click to effect: p50 {median(times):.0f} ms, p95 {p95:.0f} ms ({len(times)} clicks)")
    worst = found["clicking"]
    lines.append(
        f"{worst['clicks']} clicks: the browser stood still for {worst['browser']:.0f} ms at most, "
        f"an answer took {worst['answer']:.0f} ms at most"
    )
    for length, one in found["refresh"].items():
        lines.append(
            f"refresh at {length:,} steps: {one['kilobytes']:.1f} kB beside {one['pictures']:.1f} kB of "
            f"pictures, {one['milliseconds']:.0f} ms of the server"
        )
    answered, usable = (median(one[key] for one in found["start"]) for key in ("answers", "usable"))
    lines.append(f"start: the server answers after {answered:.1f} s, its first page after {usable:.1f} s")
    return "\n".join(lines)


if __name__ == "__main__":
    with chromium() as browser:
        print(table(measure(browser, 1, 5.0, 0.3)))
