"""What a browser session holds from click to click: jobs, notices, the rates that sliders were moved to."""

import threading
from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from gan.errors import Problem
from gan.jobs import Job


def page_of_a_job() -> None:
    import streamlit as st

    from ui.session.jobs import show_job

    job = st.session_state["job"]
    if show_job(job, "Given up."):
        st.write(f"Result: {job.result}")


def shown(job: Job | Problem | None) -> list[str]:
    """Every text of the page that shows a job."""
    app = AppTest.from_function(page_of_a_job)
    app.session_state["job"] = job
    app.run()
    assert not app.exception
    return [element.value for kind in (app.error, app.caption, app.markdown) for element in kind]


def ended(work: Callable[[Job], object]) -> Job:
    job = Job(work)
    job.wait(20)
    return job


def fail(job: Job) -> None:
    raise Problem("The net is torn.")


def test_a_job_shows_how_it_ended_and_its_result_is_the_caller_s_to_show() -> None:
    assert shown(None) == []
    assert shown(ended(lambda job: 42)) == ["Result: 42"]
    assert shown(ended(fail)) == ["The net is torn."]
    assert shown(Problem("No such name.")) == ["No such name."]


def test_a_running_job_can_be_cancelled_and_says_so() -> None:
    gate = threading.Event()
    app = AppTest.from_function(page_of_a_job)
    app.session_state["job"] = Job(lambda job: gate.wait(20))
    app.run()
    try:
        app.button[0].click().run()
        assert [caption.value for caption in app.caption] == ["Given up."] and not app.button
    finally:
        gate.set()


def test_a_second_click_begins_no_second_job(monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.session.jobs import start_job

    gate, begun = threading.Event(), []

    def begin() -> Job:
        begun.append("job")
        return Job(lambda job: gate.wait(20))

    monkeypatch.setattr(st, "session_state", {})
    start_job("key", begin)
    start_job("key", begin)
    gate.set()
    assert len(begun) == 1


def test_a_problem_behind_a_click_is_shown_once_at_the_top() -> None:
    def page() -> None:
        import streamlit as st

        from gan.errors import Problem
        from ui.session.notices import notifies, show_notice

        @notifies
        def act(name: str) -> None:
            raise Problem("There is no {name}.", name=name)

        show_notice()
        st.button("Act", on_click=act, args=("b*ld",))

    app = AppTest.from_function(page).run()
    app.button[0].click().run()
    assert [error.value for error in app.error] == ["There is no b\\*ld."]
    assert not app.run().error


def test_only_a_slider_that_was_moved_changes_a_rate_on_resume(monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.train.run_settings import moved_rates

    state = {"g_rate of run": 2e-4, "g_rate in force of run": 2e-4}
    state |= {"d_rate of run": 1e-4, "d_rate in force of run": 2e-4}
    monkeypatch.setattr(st, "session_state", state)
    assert moved_rates("run") == {"d_rate": 1e-4}
    assert moved_rates("another") == {}
