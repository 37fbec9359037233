"""Points of what is shown: what a click on a picture takes hold of."""

import streamlit as st

from gan.control.questions import A, Points, Question
from gan.control.supervisor import supervisor
from gan.i18n import t
from gan.jobs import Job
from gan.latent.view import View
from ui.generate.choice import GeneratorChoice
from ui.generate.directions import points_of
from ui.generate.state import view
from ui.session.visitor import home


def plain_point(choice: GeneratorChoice, index: int) -> str:
    """The point of picture `index` before any slider touches it. Raises Problem."""
    shown = view().unedited()
    return shown.point(index) or all_points(choice, shown)[index]


def edited_point(choice: GeneratorChoice, index: int) -> str:
    """The point of picture `index` as it is shown. Raises Problem."""
    return view().point(index) or all_points(choice, view())[index]


def all_points(choice: GeneratorChoice, shown: View) -> list[str]:
    """Explicit points of all pictures, as they are shown. Raises Problem."""
    return supervisor.viewers.ask(Points(view=shown, named=points_of(choice)), choice.weights).points


def ask_once(name: str, question: Question[A], choice: GeneratorChoice) -> A:
    """The answer; asked again under that name only for another question or generator. Raises Problem."""
    asked, *answer = st.session_state.get(name, [None])
    if asked != (choice.weights.key, question):
        asked, answer = (choice.weights.key, question), [supervisor.viewers.ask(question, choice.weights)]
        st.session_state[name] = [asked, *answer]
    return answer[0]


def begin(choice: GeneratorChoice, question: Question, stage: str) -> Job:
    """A job whose result is the answer to a question that takes its time."""
    mine = home()  # read here: the job's thread has no session
    return Job(lambda job: supervisor.viewers.work(job, mine, question, choice.weights), stage)


def called(point: str) -> str:
    """A point as people read it."""
    if point.startswith("z"):
        return t("a latent of its own")
    seed, _, index = point.partition("/")
    return t("seed {seed}, picture {number}", seed=seed, number=int(index or 0) + 1)
