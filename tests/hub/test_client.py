"""The client: tokens, cookies, proxies, answers without an end."""

import errno

import pytest
from huggingface_hub.utils import close_session

from gan.errors import Problem
from gan.hub.accounts import sign_in
from gan.hub.refusals import hub_errors, refusal
from gan.hub.repos import browse, look_up, pull
from tests.hub.pushing import ADA, BOB, pushed


def test_every_call_carries_the_token_it_was_given_and_no_other(hub, run, job, monkeypatch) -> None:
    monkeypatch.setenv("HF_TOKEN", BOB)  # somebody else's, lying around
    pushed(run, job, private=False)
    pull(look_up("ada/digits", None, ADA), ADA, job)
    assert {told for *_, told, host in hub.log if host.startswith("127.")} == {f"Bearer {ADA}"}
    elsewhere = [told for *_, told, host in hub.log if host.startswith("localhost")]
    assert len(elsewhere) > 3 and not any(elsewhere)  # large files lie on another host: no token goes there
    hub.log.clear()
    browse(False)
    pull(look_up("ada/digits", None, False), False, job)
    assert not any(told for *_, told, _ in hub.log)


def test_an_answer_without_end_is_not_read(hub) -> None:
    siblings = [{"rfilename": "x" * 1000}] * 30_000
    hub.fail(
        "GET",
        "/api/models/",
        lambda handler: handler.answer(200, {"id": "a/b", "siblings": siblings}) or True,
    )
    with pytest.raises(Problem, match="too long to be true"):
        look_up("ada/digits", None, False)


def test_no_cookie_of_one_visitor_goes_along_with_another(hub) -> None:
    sign_in(ADA)
    browse(False)
    sign_in(BOB)
    assert hub.cookies == []


def test_the_environment_s_proxy_is_used(hub, monkeypatch) -> None:
    close_session()
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, hub.address)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    assert browse(False) == []
    assert hub.log[-1][1].startswith("http://hub.invalid/api/models")
    close_session()


PROXIES = [
    ("http://127.0.0.1:9", "localhost,::1,[::1],fe80::1,ünicode.de, ,.local"),
    ("127.0.0.1:9", "hub.example:443"),
]


@pytest.mark.parametrize("proxy, direct", PROXIES)
def test_proxies_and_exceptions_as_people_write_them(monkeypatch, proxy, direct) -> None:
    close_session()
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("no_proxy", direct)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    with pytest.raises(Problem, match="can't be reached|broke in the middle"):
        browse(False)
    close_session()


def test_a_proxy_that_does_not_answer_is_named(monkeypatch) -> None:
    close_session()
    monkeypatch.setenv("HTTP_PROXY", "http://user:secret@127.0.0.1:9")
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    with pytest.raises(
        Problem, match="hub.invalid can't be reached through the proxy of HTTP_PROXY"
    ) as caught:
        browse(False)
    assert "127.0.0.1:9" in str(caught.value) and "secret" not in str(caught.value)
    close_session()


def test_a_disk_without_room_is_told() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert "disk is full" in str(refusal(full, "ada/digits"))
    with pytest.raises(Problem, match="disk is full"), hub_errors("ada/digits"):
        raise full


@pytest.mark.parametrize(("direct", "is_used"), [("", True), ("other.example", True), ("*", False)])
@pytest.mark.parametrize("own", [None, "hub.invalid", ".invalid", "hub.invalid:80"])
def test_a_host_that_needs_no_proxy_is_not_asked_through_it(hub, monkeypatch, direct, is_used, own) -> None:
    """The tests' Hub stands in for the proxy: whatever reaches it came through it."""
    close_session()
    monkeypatch.setenv("http_proxy", hub.address)
    monkeypatch.setenv("no_proxy", ",".join(filter(None, (direct, own))))
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    if is_used and own is None:
        assert browse(False) == []
    else:
        with pytest.raises(Problem, match="can't be reached"):
            browse(False)
    assert bool(hub.log) == (is_used and own is None)
    close_session()
