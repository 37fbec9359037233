"""Where many share a machine: what one visitor has is out of another's reach, whatever an address says.

The browser's own part, its secret, is in browser/test_runs.py.
"""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bench.browser import HOUSE
from gan.errors import Problem
from gan.recipes.table import RECIPES
from gan.runs import trash
from gan.runs.info import DataInfo, RunInfo
from gan.runs.run import Run
from ui.session import visitor
from ui.session.run import delete_run, look_at

ADA, BOB = "a" * 40, "b" * 40


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Run]:
    """A run of Ada's, two of Bob's, of which one is in the trash, and one of the machine's owner."""
    root = tmp_path / "runs"
    monkeypatch.setenv("GAN_RUNS", str(root))
    monkeypatch.setenv("GAN_PUBLIC", "1")
    home, his_home = root / "visitors" / ADA, root / "visitors" / BOB
    places = {"ada-1": home, "bob-1": his_home, "bob-2": his_home, "owner-1": root}
    runs = {name: Run.make(place / name) for name, place in places.items()}
    facts = {"seed": 1, "steps": 9, "created": "?", "torch": "2", "state": "stopped"}
    for run in runs.values():
        run.write(RunInfo(recipe=RECIPES["mlp"], data=DataInfo(name="digits"), **facts))
        (run.path / "config.json").write_bytes(b"{}")
        (run.path / "model.safetensors").write_bytes(b"{}")
    trash.throw_away(runs.pop("bob-2"))
    return runs


def opened(page: str, who: str | None, **query: str) -> AppTest:
    """A page as that visitor's browser shows it."""
    app = AppTest.from_file(str(HOUSE / "app.py"), default_timeout=60)
    if who:
        app.session_state["visitor"] = who
    app.query_params.update(query)
    app.run()
    if page != "pages/train.py":
        app.query_params.update(query)
        app.switch_page(page).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """Every text of a page, and what its lists offer."""
    kinds = (app.markdown, app.caption, app.error, app.selectbox, app.expander, app.button)
    elements = [one for kind in kinds for one in kind]
    texts = [getattr(one, name, "") for one in elements for name in ("label", "value")]
    return " ".join(map(str, texts + [option for one in app.selectbox for option in one.options]))


@pytest.mark.parametrize(
    "who, own, others", [(ADA, {"ada-1"}, {"bob-1", "owner-1"}), (BOB, {"bob-1"}, {"ada-1"})]
)
def test_the_list_of_runs_is_the_visitor_s_own(who: str, own: set[str], others: set[str]) -> None:
    shown = words(opened("pages/runs.py", who))
    assert all(f"**{name}**" in shown for name in own) and not [name for name in others if name in shown]
    assert ("Trash: 1 runs" in shown and "bob-2" in shown) == (who == BOB)


@pytest.mark.parametrize(
    "name", ["bob-1", "owner-1", f"../{BOB}/bob-1", f"visitors/{BOB}/bob-1", "../../owner-1"]
)
def test_another_s_run_is_not_opened_by_its_address(name: str) -> None:
    app = opened("pages/train.py", ADA, run=name)
    assert "There is no run" in words(app) and "run" not in app.query_params
    assert "There is no run" not in words(opened("pages/train.py", ADA, run="ada-1"))


@pytest.mark.parametrize("source", ["bob-1", "owner-1", f"../{BOB}/bob-1"])
def test_another_s_generator_is_not_looked_into_by_its_address(source: str, runs: dict[str, Run]) -> None:
    (runs["ada-1"].path / "model.safetensors").unlink()
    app = opened("pages/generate.py", ADA, source=source)
    assert "Nothing to draw from yet" in words(app) and not [
        option for one in app.selectbox for option in one.options if "bob-1" in option or "owner-1" in option
    ]


@pytest.mark.parametrize("act", [visitor.my_run, look_at, delete_run])
@pytest.mark.parametrize("name", ["bob-1", "owner-1", f"../{BOB}/bob-1"])
def test_another_s_run_is_not_there_for_whatever_a_page_does(
    act: object, name: str, runs: dict[str, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "session_state", {"visitor": ADA})
    with pytest.raises(Problem, match="There is no run"):
        act(name)
    assert runs["bob-1"].exists() and runs["owner-1"].exists()


@pytest.mark.parametrize("page", ["pages/train.py", "pages/runs.py", "pages/generate.py", "pages/hub.py"])
def test_before_a_browser_has_said_who_it_is_a_page_shows_nobody_s_runs(page: str) -> None:
    shown = words(opened(page, None, run="bob-1", source="bob-1"))
    assert "Looking for your runs" in shown
    assert not [name for name in ("ada-1", "bob-1", "owner-1") if f"**{name}**" in shown]


def who() -> None:
    """A page that tells where its visitor's runs lie."""
    import streamlit as st

    from ui.session import visitor

    visitor.recognise()
    st.write(f"home: {visitor.home()}")


def sent(secret: object, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What that page shows to a browser that sends that as its secret."""
    monkeypatch.setattr(visitor, "_component", lambda **_: SimpleNamespace(secret=secret))
    app = AppTest.from_function(who).run()
    assert not app.exception
    return [one.value for one in (*app.caption, *app.markdown)]


def test_a_visitor_s_folder_is_known_from_the_secret_alone_and_does_not_tell_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secrets = ["0" * 64, "1" * 64]
    told = [sent(secret, monkeypatch) for secret in secrets]
    folders = [hashlib.sha256(secret.encode()).hexdigest()[:40] for secret in secrets]
    assert told == [[f"home: {tmp_path / 'runs' / 'visitors' / folder}"] for folder in folders]


@pytest.mark.parametrize(
    "secret", [None, "", "0" * 63, "0" * 65, "A" * 64, "../" * 21 + "x", "0" * 64 + "\n"]
)
def test_what_is_no_secret_opens_nothing(secret: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent(secret, monkeypatch) == ["Looking for your runs…"]


def test_alone_on_a_machine_everything_is_one_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAN_PUBLIC", "0")
    assert "**owner-1**" in words(opened("pages/runs.py", None))
