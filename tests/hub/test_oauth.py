"""Sign in with Hugging Face: the token reaches the session that asked, and no other."""

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pydantic import SecretStr

from gan.errors import Problem
from gan.hub import oauth
from gan.hub.oauth import Provider, SignIns

ADA = "hf_adas_own_token"


@pytest.fixture
def provider(hub) -> Provider:
    return Provider("client", SecretStr("hidden"), hub.address, "http://localhost:1/hub")


@pytest.fixture
def sign_ins() -> SignIns:
    return SignIns()


def agree(address: str) -> tuple[str, str]:
    """What the browser does: open the provider's page, be sent back. The code and the state."""
    back = httpx2.get(address).headers["Location"]
    assert back.startswith("http://localhost:1/hub?")
    query = parse_qs(urlsplit(back).query)
    return query["code"][0], query["state"][0]


def test_digits_bring_the_token_into_the_frame_that_began(provider, sign_ins) -> None:
    state, address = sign_ins.begin(provider, "frame")
    assert not sign_ins.is_back(state)
    code, back = agree(address)
    assert back == state
    digits = sign_ins.come_back(provider, state, code, "tab")
    assert len(digits) == 6 and digits.isdecimal() and sign_ins.is_back(state)
    assert sign_ins.take(state, f" {digits}").get_secret_value() == ADA
    with pytest.raises(Problem):  # once
        sign_ins.take(state, digits)


def test_a_browser_that_is_known_needs_no_digits_and_an_unknown_one_always(provider, sign_ins) -> None:
    state, address = sign_ins.begin(provider, "same")
    assert sign_ins.come_back(provider, state, agree(address)[0], "same") == ""
    assert not sign_ins.needs_digits(state) and sign_ins.take(state).get_secret_value() == ADA
    state, address = sign_ins.begin(provider, "")  # nobody knows who that is
    assert sign_ins.come_back(provider, state, agree(address)[0], "") != ""


def test_whoever_was_lured_into_signing_in_for_another_session_gives_nothing_away(provider, sign_ins) -> None:
    state, address = sign_ins.begin(provider, "attacker")
    digits = sign_ins.come_back(provider, state, agree(address)[0], "victim")
    wrong = f"{(int(digits) + 1) % 10**6:06d}"
    for _ in range(oauth.MAX_TRIES):
        with pytest.raises(Problem, match="not the digits"):
            sign_ins.take(state, wrong)
    with pytest.raises(Problem, match="Too many wrong digits"):
        sign_ins.take(state, digits)
    with pytest.raises(Problem, match="over or was never begun"):
        sign_ins.take(state, digits)


def test_a_code_works_once_for_a_state_that_was_begun_here_in_time(provider, sign_ins, monkeypatch) -> None:
    state, address = sign_ins.begin(provider, "frame")
    code, _ = agree(address)
    with pytest.raises(Problem, match="never begun here"):
        sign_ins.come_back(provider, "guessed", code, "tab")
    sign_ins.come_back(provider, state, code, "tab")
    with pytest.raises(Problem, match="over"):
        sign_ins.come_back(provider, state, code, "tab")
    late, address = sign_ins.begin(provider, "frame")
    monkeypatch.setattr(oauth, "MAX_SECONDS", 0.0)
    with pytest.raises(Problem, match="over"):
        sign_ins.come_back(provider, late, agree(address)[0], "tab")


def test_another_sign_in_s_code_and_a_wrong_secret_are_refused(provider, sign_ins) -> None:
    first, address = sign_ins.begin(provider, "a")
    second, _ = sign_ins.begin(provider, "b")
    with pytest.raises(Problem, match="did not complete"):  # its challenge is the first one's
        sign_ins.come_back(provider, second, agree(address)[0], "tab")
    stranger = Provider("client", SecretStr("guessed"), provider.url, provider.redirect)
    state, address = sign_ins.begin(stranger, "a")
    with pytest.raises(Problem, match="did not complete"):
        sign_ins.come_back(stranger, state, agree(address)[0], "tab")


def test_sign_ins_that_others_begin_push_nobody_out(provider, sign_ins) -> None:
    state, address = sign_ins.begin(provider, "mine")
    assert len({sign_ins.begin(provider, "theirs")[0] for _ in range(5000)}) == 5000
    assert sign_ins.come_back(provider, state, agree(address)[0], "mine") == ""


def test_a_session_is_told_when_its_link_is_over(provider, sign_ins, monkeypatch) -> None:
    assert not sign_ins.is_open("")
    state, address = sign_ins.begin(provider, "frame")
    assert sign_ins.is_open(state)
    code, _ = agree(address)
    sign_ins.come_back(provider, state, code, "tab")
    assert sign_ins.is_open(state)  # it waits for the digits
    broken, _ = sign_ins.begin(provider, "frame")
    with pytest.raises(Problem):
        sign_ins.come_back(provider, broken, "no code", "tab")
    assert not sign_ins.is_open(broken)
    late, _ = sign_ins.begin(provider, "frame")
    monkeypatch.setattr(oauth, "MAX_SECONDS", 0.0)
    assert not sign_ins.is_open(late)


@pytest.mark.parametrize("state", ["", "a.b.c.d", "a.1.c.d", "...", "ä.1.c.d", "a" * 10_000])
def test_a_made_up_state_is_refused(provider, sign_ins, state) -> None:
    with pytest.raises(Problem, match="never begun here"):
        sign_ins.come_back(provider, state, "code-1", "tab")


def test_the_space_s_environment_says_who_provides(monkeypatch) -> None:
    assert Provider.here() is None
    settings = {"OAUTH_CLIENT_ID": "me", "OAUTH_CLIENT_SECRET": "hidden", "SPACE_HOST": "ada-gan.hf.space"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    provider = Provider.here()
    assert provider.redirect == "https://ada-gan.hf.space/hub" and provider.url == "https://huggingface.co"
    assert "hidden" not in repr(provider)
    _, address = SignIns().begin(provider, "x")
    asked = parse_qs(urlsplit(address).query)
    assert "hidden" not in address and asked["scope"] == ["openid profile contribute-repos"]


def test_digits_that_come_too_late_bring_nothing(provider, sign_ins, monkeypatch) -> None:
    state, address = sign_ins.begin(provider, "frame")
    digits = sign_ins.come_back(provider, state, agree(address)[0], "tab")
    monkeypatch.setattr(oauth, "MAX_SECONDS", 0.0)
    with pytest.raises(Problem, match="over"):
        sign_ins.take(state, digits)
