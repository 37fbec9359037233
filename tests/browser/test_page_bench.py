"""The bench of the page works; how fast anything is, it tells and no test asks."""

import pytest
from playwright.sync_api import Browser

from bench import page


def test_the_page_is_measured(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "LENGTHS", (1000,))
    monkeypatch.setattr(page, "RECIPES_MEASURED", ("mlp",))
    monkeypatch.setattr(page, "SETTLE", 0.3)
    found = page.measure(browser, 1, 1.0, 0.01)
    told = page.table(found)
    assert "in the app" in told and "click to effect" in told and "refresh at 1,000 steps" in told
    assert all(rate["rate"] > 0 for both in found["rates"].values() for one in both.values() for rate in one)
