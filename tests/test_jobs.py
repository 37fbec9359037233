"""Work in the background: how it ends, and that nobody waits for what nobody wants."""

import threading

import pytest

from gan.errors import Problem
from gan.jobs import Cancelled, Job


def test_a_job_tells_its_stages_its_share_and_its_result() -> None:
    go, told = threading.Event(), threading.Event()

    def work(job) -> object:
        job.tell("reading", total=10)
        job.advance(4)
        told.set()
        go.wait(20)
        return 42

    job = Job(work, "beginning")
    told.wait(20)
    assert (job.state, job.stage, job.share) == ("running", "reading", 0.4)
    go.set()
    job.wait(20)
    assert (job.state, job.result, job.problem) == ("done", 42, "")


@pytest.mark.parametrize("error, said", [(Problem("No room."), "No room."), (KeyError("x"), "KeyError")])
def test_what_goes_wrong_is_a_sentence(error, said) -> None:
    def work(job) -> None:
        raise error

    job = Job(work)
    job.wait(20)
    assert job.state == "failed" and said in job.problem


def test_a_cancelled_job_is_over_at_once_and_ends_at_its_next_piece() -> None:
    go, ended = threading.Event(), []

    def work(job) -> object:
        go.wait(20)
        try:
            job.advance(1)
        except Cancelled:
            ended.append("there")
            raise
        return "too late"

    job = Job(work)
    job.cancel()
    assert job.state == "cancelled"
    go.set()
    job.wait(20)
    assert ended == ["there"] and job.state == "cancelled" and job.result is None


def test_cancelling_what_is_done_changes_nothing() -> None:
    job = Job(lambda job: "done")
    job.wait(20)
    job.cancel()
    assert job.state == "done" and job.result == "done"
