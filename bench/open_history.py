"""What it costs to open a run, by how many steps it has recorded: `python -m bench.open_history`.

A server for each length and one browser. Each open is of a run the server has never read, in a fresh tab with
an empty cache; the lengths take turns, so that whatever else the machine does meets them alike.
"""

import os
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import numpy as np
from playwright.sync_api import Browser

from bench.browser import Server
from bench.chromium import chromium
from gan.charts import curves
from gan.pictures.png import grid_png
from gan.recipes.table import RECIPES
from gan.runs.history import HistorySummary
from gan.runs.info import DataInfo, RunInfo
from gan.runs.run import Run, now

STEPS = (1_000, 100_000, 1_000_000)
OPENS = 9  # of each length; one more before them is not counted
QUIET = 15  # seconds after that one, until all workers of all servers have imported torch
NEW = 100  # steps between two refreshes
DRAWN = """(steps) => {
  const plots = [...document.querySelectorAll(".gan-chart")];
  const drawn = (plot) => plot.querySelector(".main-svg") && plot.data?.[0].x.at(-1) === steps;
  return plots.length === 2 && plots.every(drawn) && performance.now();
}"""  # milliseconds since the navigation began


def make_run(root: Path, steps: int, number: int) -> Run:
    """A finished run with that many recorded steps and a few pictures."""
    run = Run.make(root / f"mlp-digits-{number}")
    numbers = {"steps": steps, "step": steps, "saved": steps, "seconds": steps / 500}
    data = DataInfo(name="digits", fingerprint="f", images=1797)
    run.write(RunInfo(recipe=RECIPES["mlp"], data=data, seed=1, created=now(), state="finished", **numbers))
    rng = np.random.default_rng(number)
    run.append_history(rng.normal(0.7, 0.1, (steps, 4)).clip(0, 1).astype(np.float32))
    for step in np.linspace(0, steps, 10).astype(int):
        run.write_sample(int(step), grid_png(rng.integers(0, 256, (25, 28, 28, 1), np.uint8)))
    return run


def open_run(browser: Browser, server: Server, run: Run, steps: int) -> tuple[float, int]:
    """Milliseconds until both charts are drawn, and bytes the page has received over its websocket."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page, received = context.new_page(), []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    page.goto(f"{server.address}/?run={run.name}", wait_until="commit")
    took = page.wait_for_function(DRAWN, arg=steps, polling="raf", timeout=60_000).json_value()
    page.wait_for_timeout(1000)  # whatever else the page is still sent
    context.close()
    return took, sum(received)


def resident(pid: int) -> float:
    """A process's resident memory in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def busy(pid: int) -> float:
    """Milliseconds of processor time a process has used, whoever else was on the machine."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def summary_times(run: Run) -> tuple[float, float, float]:
    """Milliseconds for the first summary, for that of NEW more steps, and for both figures."""
    history = run.history()
    begin = perf_counter()
    first = HistorySummary().update(history[:-NEW])
    middle = perf_counter()
    whole = first.update(history)
    after = perf_counter()
    curves.losses(whole), curves.accuracy(whole)
    return tuple(1000 * took for took in (middle - begin, after - middle, perf_counter() - after))


def main() -> None:
    """Measure, and print a table."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        servers: dict[int, Server] = {}
        try:
            for steps in STEPS:
                (Path(folder) / str(steps)).mkdir()
                servers[steps] = Server(Path(folder) / str(steps))
            measure(browser, servers)
        finally:
            for server in servers.values():
                server.stop()


def measure(browser: Browser, servers: dict[int, Server]) -> None:
    """Open runs of each length in turn."""
    runs = {
        steps: [make_run(server.runs, steps, number) for number in range(OPENS + 1)]
        for steps, server in servers.items()
    }
    summarised = {steps: [summary_times(run) for run in runs[steps]] for steps in STEPS}
    pids = {steps: server.process.pid for steps, server in servers.items()}
    opened: dict[int, list] = {steps: [] for steps in STEPS}
    used: dict[int, list] = {steps: [] for steps in STEPS}
    for number in range(OPENS + 1):
        for steps in STEPS:
            before = busy(pids[steps])
            opened[steps].append(open_run(browser, servers[steps], runs[steps][number], steps))
            used[steps].append(busy(pids[steps]) - before)
        sleep(0 if number else QUIET)

    print("| steps | open, ms (fastest–slowest) | server's CPU, ms | websocket, kB | server, MiB |", end="")
    print(" summary first / next, ms | figures, ms |\n|---:|---:|---:|---:|---:|---:|---:|")
    for steps in STEPS:
        times, sizes = zip(*opened[steps][1:], strict=True)
        first, following, figures = map(median, zip(*summarised[steps], strict=True))
        print(
            f"| {steps:,} | {median(times):,.0f} ({min(times):,.0f}–{max(times):,.0f}) "
            f"| {median(used[steps][1:]):.0f} | {median(sizes) / 1000:.1f} | {resident(pids[steps]):.0f} "
            f"| {first:.2f} / {following:.2f} | {figures:.1f} |"
        )


if __name__ == "__main__":
    main()
