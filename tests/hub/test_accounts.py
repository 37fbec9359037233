"""Accounts: whose token is used, and that none is told."""

from pathlib import Path

import pytest
from huggingface_hub import constants

from gan.errors import Problem
from gan.hub.accounts import saved_login, sign_in
from gan.hub.push import PushRequest, push
from gan.hub.repos import look_up, pull
from gan.jobs import Job
from gan.runs.run import Run
from tests.hub.pushing import ADA, CARL, COMMIT, CREATE, INFO, UPLOAD, parcel_for, pushed
from tests.hub_server import HubServer, status
from tests.other_user import shut


def test_the_machine_s_login_is_for_its_owner_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert saved_login() is None
    monkeypatch.setenv("HF_TOKEN", ADA)
    assert saved_login().get_secret_value() == ADA
    monkeypatch.setenv("GAN_PUBLIC", "1")
    assert saved_login() is None
    monkeypatch.setenv("GAN_PUBLIC", "0")
    monkeypatch.setenv("SPACE_ID", "ada/space")
    assert saved_login() is None


def test_who_may_write_is_known_from_the_token(hub: HubServer) -> None:
    account = sign_in(f"  {ADA}\n")
    assert (account.name, account.may_write, sign_in(CARL).may_write) == ("ada", True, False)
    assert account.secret == ADA


@pytest.mark.parametrize("code", [401, 403, 409, 418, 500])
@pytest.mark.parametrize("method, pattern", [("POST", CREATE), ("POST", COMMIT), ("PUT", UPLOAD)])
def test_a_token_shows_in_no_text_even_where_the_hub_tells_it_back(
    hub: HubServer, run: Run, job: Job, method: str, pattern: str, code: int
) -> None:
    account, parcel = sign_in(ADA), parcel_for(run)
    echo = f"no {ADA}, no Bearer {ADA}"
    hub.fail(method, pattern, status(code, echo, X_Error_Message=echo))
    with pytest.raises(Problem) as caught:
        push(parcel, PushRequest.checked("ada/digits"), account, job)
    texts = [repr(account), str(account), repr(caught.value), str(caught.value), job.problem, job.stage]
    assert hub.heard(method, pattern) and len(str(caught.value)) > 20
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert not [text for text in texts if ADA in text]


def test_a_saved_token_that_can_not_be_read_is_no_missing_one(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = open_folder / "token"
    file.write_text(ADA)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(file))
    assert saved_login().get_secret_value() == ADA
    with shut(file), pytest.raises(Problem, match="token .Permission denied.*HF_TOKEN") as told:
        saved_login()
    assert ADA not in str(told.value)
    file.unlink()
    file.mkdir()
    with pytest.raises(Problem, match="HF_HOME and HF_TOKEN_PATH say where"):
        saved_login()


def test_a_pull_s_token_shows_in_no_text_and_no_file(hub: HubServer, run: Run, job: Job) -> None:
    pushed(run, job)
    found = look_up("ada/digits", None, ADA)
    files = pull(found, ADA, job)
    assert not [name for name, content in files.items() if ADA.encode() in content]
    hub.fail("GET", INFO, status(418, f"no {ADA}"))
    with pytest.raises(Problem, match="418") as caught:
        look_up("ada/digits", None, ADA)
    assert ADA not in str(caught.value) + repr(found)
    assert not [
        one for one in Path(run.path).rglob("*") if one.is_file() and ADA.encode() in one.read_bytes()
    ]
