"""Questions about the generator that is looked into, and the points that a click on a picture takes."""

from dataclasses import dataclass

import streamlit as st

from gan.control.questions import A, Points, Question
from gan.control.supervisor import supervisor
from gan.i18n import t
from gan.jobs import Job
from gan.latent.view import View
from ui.generate.choice import GeneratorChoice
from ui.generate.saved import named_points
from ui.generate.state import view
from ui.session.visitor import home


def ask_once(name: str, question: Question[A], choice: GeneratorChoice) -> A:
    """The answer; asked again under that name only for another question or generator. Raises Problem."""
    key = (choice.weights.key, question)
    answered = st.session_state.get(name)
    if answered is None or answered[0] != key:
        answered = st.session_state[name] = (key, supervisor.viewers.ask(question, choice.weights))
    return answered[1]


@dataclass(frozen=True)
class Work:
    """A question that takes its time, about the generator of that key; the answer is the job's result."""

    generator: str
    question: Question
    job: Job


def begin(name: str, choice: GeneratorChoice, question: Question, stage: str) -> None:
    """Begin work, and hold it in the session under a name."""
    visitor = home()  # read here: the job's thread has no session
    job = Job(lambda job: supervisor.viewers.work(job, visitor, question, choice.weights), stage)
    st.session_state[name] = Work(choice.weights.key, question, job)


def work_of(name: str) -> Work | None:
    """The work that is held under a name, under way or done."""
    return st.session_state.get(name)


def unedited_point(choice: GeneratorChoice, index: int) -> str:
    """The point of picture `index` before any slider moves it. Raises Problem."""
    shown = view().unedited()
    return shown.point(index) or all_points(choice, shown)[index]


def edited_point(choice: GeneratorChoice, index: int) -> str:
    """The point of picture `index` as it is shown. Raises Problem."""
    return view().point(index) or all_points(choice, view())[index]


def all_points(choice: GeneratorChoice, shown: View) -> list[str]:
    """Explicit points of all pictures, as they are shown. Raises Problem."""
    return supervisor.viewers.ask(Points(view=shown, named=named_points(choice)), choice.weights).points


def point_title(point: str) -> str:
    """A point as people read it."""
    if point.startswith("z"):
        return t("a latent of its own")
    seed, _, index = point.partition("/")
    return t("seed {seed}, picture {number}", seed=seed, number=int(index or 0) + 1)
