"""The bench works; how fast anything is, it tells and no test asks (the page: browser/test_page_bench.py)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import __main__ as program
from bench import loops, split
from bench.browser import HOUSE

OURS_AND_THE_POSTS = ["mlp", "mlp, the post", "mlp-g-first", "mlp-g-first, the note"]
OURS_AND_THE_POSTS += ["dcgan", "dcgan, plain torch"]


def test_every_loop_runs_and_the_figures_are_told(
    torch_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, where a new one for each loop would import torch a dozen times."""
    here = lambda name, seconds: loops.rate(loops.LOOPS[name](), seconds)  # noqa: E731
    monkeypatch.setattr(program, "rate", here)
    monkeypatch.setattr(split, "STEPS", 3)
    out = tmp_path / "figures.json"
    options = ["--no-page", "--out", str(out), "--rounds", "1", "--seconds", "0", "--steps", "200"]
    monkeypatch.setattr(sys, "argv", ["bench", *options])
    program.main()
    output, figures = capsys.readouterr().out, json.loads(out.read_text())
    assert all(rates[0] > 0 for rates in figures["loops"].values())
    assert set(OURS_AND_THE_POSTS) <= figures["loops"].keys()
    assert figures["machine"]["cores"] >= 1 and sum(figures["split"].values()) == pytest.approx(1)
    assert "mlp against mlp, the post" in output and "convolutions" in output and "200 MLP steps" in output


def test_a_loop_is_measured_in_a_process_of_its_own() -> None:
    assert program.rate("mlp, the post", 0.05) > 0


def test_the_bench_is_a_program() -> None:
    command = [sys.executable, "-m", "bench", "--help"]
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True)
    assert done.returncode == 0 and "--no-page" in done.stdout
