"""What the Hub's commands share: how they wait, and the token they use, HF_TOKEN's or the saved login's."""

import sys
from typing import Any

from tqdm import tqdm

from gan.errors import Problem
from gan.hub.accounts import saved_login
from gan.hub.client import Token
from gan.hub.repos import look_up, pull
from gan.i18n import t
from gan.jobs import Job


def token() -> Token:
    """The token to use, False where there is none."""
    login = saved_login()
    return login.get_secret_value() if login else False


def needed_token() -> str:
    """The token to use. Raises Problem where there is none."""
    if secret := token():
        return secret
    raise Problem(
        "Nobody is signed in to the Hub: run `hf auth login`, or set HF_TOKEN to a token that may write."
    )


def fetch(source: str) -> dict[str, bytes]:
    """A generator's files from `USER/REPO`, or `USER/REPO@REVISION`. Raises Problem."""
    name, _, revision = source.partition("@")
    repo = look_up(name, revision, token())
    return finish(Job(lambda job: pull(repo, token(), job)))


def finish(job: Job) -> Any:
    """Wait for a job with a bar where stderr is a terminal, and return its result. Raises Problem."""
    with tqdm(disable=not sys.stderr.isatty(), unit="B", unit_scale=True) as bar:
        try:
            while job.state == "running":
                job.wait(0.1)
                bar.set_description(job.stage, refresh=False)
                bar.total, bar.n = job.total or None, job.done
                bar.refresh()
        except KeyboardInterrupt:
            job.cancel()
            if job.state != "running":
                raise
            print(t("gan: too late to cancel; waiting for the end"), file=sys.stderr)
            job.wait()
    if job.state == "failed":
        raise Problem("{problem}", problem=job.problem)
    return job.result
