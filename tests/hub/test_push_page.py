"""The part of the Hub page that pushes, without a browser."""

import pytest

from bench.browser import HOUSE
from gan.hub import client
from gan.hub.accounts import sign_in
from tests.hub.pushing import ADA


def test_a_click_for_what_the_form_no_longer_says_pushes_nothing(hub, run, monkeypatch) -> None:
    """Browsers send a changed box and the click after it in one go, before the page has shown the files."""
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("GAN_RUNS", str(run.path.parent))
    app = AppTest.from_file(str(HOUSE / "app.py"), default_timeout=90)
    app.session_state["hub account"] = sign_in(ADA)
    app.run()
    app.switch_page("pages/hub.py").run()
    app.toggle(key="push private").set_value(False).run()
    app.toggle(key="push private").set_value(True)
    app.text_input(key="push repo").set_value("ada/other")
    app.button(key="push button").click().run()
    assert any("The form has changed" in error.value for error in app.error) and not app.exception
    assert "hub push" not in app.session_state and not hub.heard("POST", "/repos/create")


@pytest.mark.parametrize(
    "name", ["a--b", "a..b", "x" * 100, "ünï 日本", "日本", "foo.git", "a_-", "---", "a -- b", "1-mlp"]
)
def test_every_run_s_name_suggests_a_repository_the_hub_takes(name) -> None:
    from ui.hub.push import repository_name

    assert client.is_repo_id(f"ada/{repository_name(name)}")
