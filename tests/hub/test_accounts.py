"""Accounts: whose token is used, and that none is told."""

import pytest
from huggingface_hub import constants

from gan.errors import Problem
from gan.hub.accounts import saved_login, sign_in
from gan.hub.push import PushRequest, push
from tests.hub.pushing import ADA, CARL, parcel_for
from tests.hub_server import status
from tests.other_user import shut


def test_the_machine_s_login_is_for_its_owner_alone(monkeypatch, tmp_path) -> None:
    assert saved_login() is None
    monkeypatch.setenv("HF_TOKEN", ADA)
    assert saved_login().get_secret_value() == ADA
    monkeypatch.setenv("GAN_PUBLIC", "1")
    assert saved_login() is None
    monkeypatch.setenv("GAN_PUBLIC", "0")
    monkeypatch.setenv("SPACE_ID", "ada/space")
    assert saved_login() is None


def test_a_token_shows_in_no_text(hub, run, job) -> None:
    account = sign_in(f"  {ADA}\n")
    hub.fail("POST", "/commit/", status(500, f"echo: {ADA[:0]}"))
    with pytest.raises(Problem) as caught:
        push(parcel_for(run), PushRequest.checked("ada/digits"), account, job)
    texts = [repr(account), str(account), repr(caught.value), str(caught.value), job.problem, job.stage]
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert not any(ADA in text for text in texts)
    assert account.name == "ada" and account.may_write and not sign_in(CARL).may_write


def test_a_saved_token_that_can_not_be_read_is_no_missing_one(open_folder, monkeypatch) -> None:
    file = open_folder / "token"
    file.write_text(ADA)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(file))
    assert saved_login().get_secret_value() == ADA
    with (
        shut(file),
        pytest.raises(Problem, match="token can't be read .Permission denied.: set HF_TOKEN") as told,
    ):
        saved_login()
    assert ADA not in str(told.value)
    file.unlink()
    file.mkdir()
    with pytest.raises(Problem, match="HF_HOME to a folder of your own"):
        saved_login()
