"""The bench works; how fast anything is, it tells and no test asks."""

import json
import subprocess
import sys

import pytest

from bench import page
from bench.browser import HOUSE
from bench.chromium import find_chromium


def test_every_loop_runs_and_the_figures_are_told(tmp_path):
    out = tmp_path / "figures.json"
    command = [sys.executable, "-m", "bench", "--no-page", "--out", str(out)]
    command += ["--rounds", "1", "--seconds", "0.05", "--steps", "200"]
    output = subprocess.run(
        command, cwd=HOUSE, capture_output=True, text=True, check=True, timeout=220
    ).stdout
    figures = json.loads(out.read_text())
    assert all(rates[0] > 0 for rates in figures["loops"].values())
    assert {"mlp", "mlp, the post", "dcgan", "dcgan, plain torch"} <= figures["loops"].keys()
    assert figures["machine"]["cores"] >= 1 and sum(figures["split"].values()) == pytest.approx(1)
    assert "mlp against mlp, the post" in output and "convolutions" in output and "200 MLP steps" in output


@pytest.mark.skipif(not find_chromium(), reason="needs a Chromium")
def test_the_page_is_measured(monkeypatch):
    monkeypatch.setattr(page, "LENGTHS", (1000,))
    monkeypatch.setattr(page, "SETTLE", 0.3)
    found = page.measure(1, 1.0, 0.01)
    told = page.table(found)
    assert "in the app" in told and "click to effect" in told and "refresh at 1,000 steps" in told
    assert all(rate["rate"] > 0 for both in found["rates"].values() for one in both.values() for rate in one)
