"""Nearest: is it copying? A picture beside the training pictures that are most like it."""

import streamlit as st

from gan.control.questions import Neighbours, NeighboursFound
from gan.i18n import t
from ui.generate.choice import GeneratorChoice
from ui.generate.questions import begin, edited_point, point_title, work_of
from ui.generate.state import page_action
from ui.session.jobs import show_job

JOB = "nearest job"
PICTURE = 84  # pixels of its side, about
COPIED, CLOSE, FAR = 0.01, 0.05, 0.99  # ranks between which verdicts differ
SPACES = {"pixels": "In pixels", "shapes": "In shape"}
HELP = {
    "pixels": "Root mean square of the difference of pixels, which lie in [-1, 1].",
    "shapes": "The same between histograms of oriented gradients: strokes may be a little shifted or bolder.",
}
DISTANCE = (
    "{distance} from the nearest; training pictures are {usual} from the nearest other one (median). "
    "{verdict}"
)
LIMITS = (
    "A near copy is found, also one shifted by a pixel (in shape). One that is turned, mirrored or scaled is "
    "not: no sign of copying is no proof of none."
)


@page_action
def pick(choice: GeneratorChoice, index: int) -> None:
    """Look for the neighbours of a picture as it is shown."""
    point, scale = edited_point(choice, index), choice.config.shape.scale_to(PICTURE)
    question = Neighbours(point=point, data=choice.config.data.name, scale=scale)
    if before := work_of(JOB):
        before.job.cancel()
    begin(
        JOB, choice, question, t("Comparing with every training picture; the first time takes some seconds")
    )


def panel(choice: GeneratorChoice) -> None:
    """What came of it."""
    work = work_of(JOB)
    if work is None or work.generator != choice.weights.key:
        message = (
            "Click a picture: the training pictures nearest to it appear here, and whether that is near."
        )
        st.caption(t(message))
    elif show_job(work.job, t("Cancelled.")):
        _result(work.question.point, work.job.result)


def _result(point: str, answer: NeighboursFound) -> None:
    message = "{name}, beside the nearest of {count} training pictures, nearest first."
    st.caption(t(message, name=point_title(point), count=f"{answer.images:,}"))
    for space, near in answer.near.items():
        st.markdown(t("**{space}**", space=t(SPACES[space])), help=t(HELP[space]))
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.image(answer.picture, width=PICTURE, alt=t("The generated picture"))
            distances = ", ".join(f"{distance:.3f}" for distance in near.distances)
            alt = t("Training pictures at distances {distances}", distances=distances)
            st.image(answer.rows[space], width=520, alt=alt)
        distance, usual = f"{near.distances[0]:.3f}", f"{near.usual:.3f}"
        st.markdown(t(DISTANCE, distance=distance, usual=usual, verdict=verdict(near.rank)))
    st.caption(t(LIMITS))


def verdict(rank: float) -> str:
    """What a distance means beside the baseline. `rank` is the share of training pictures that have a nearer
    neighbour among the others than this picture has.
    """
    share = f"{100 * (1 - rank):.0f}"
    if rank < COPIED:
        return t(
            ":red[That is nearer than {share} % of training pictures are to each other: a copy, or nearly.]",
            share=share,
        )
    if rank < CLOSE:
        return t("Nearer than {share} % of training pictures are to each other: look closely.", share=share)
    if rank < FAR:
        return t("No nearer than training pictures are to each other: no sign of copying.")
    return t("Further than training pictures are from each other: no copy; new, or unlike the data.")
