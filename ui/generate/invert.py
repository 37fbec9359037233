"""Find: the latent of a picture. Gradient descent from several starts, watched as it goes."""

import streamlit as st

from gan.charts.inversion import errors
from gan.control.questions import STARTS, STEPS, Invert, LatentFound, Real
from gan.control.supervisor import supervisor
from gan.data.datasets import count
from gan.errors import Problem
from gan.i18n import t
from gan.jobs import Job
from gan.pictures.decode import MAX_UPLOAD_BYTES
from gan.pictures.png import inline_png
from ui.components.chart import live_chart
from ui.components.widgets import PERSISTENT
from ui.generate.choice import GeneratorChoice
from ui.generate.directions import reset
from ui.generate.questions import begin
from ui.generate.variations import make_base, offer
from ui.session.notices import escape_markdown, show_error

JOB = "finding job"
TYPES = ["png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp"]
SIDE = 224  # pixels of each of the two pictures, about


def panel(choice: GeneratorChoice) -> None:
    """What to look for, how the search goes, what it found."""
    left, right = st.columns([1, 1.5], gap="large")
    with left:
        question = _target(choice)
        with st.popover(t("How long"), icon=":material/tune:", type="tertiary"):
            starts = st.slider(
                t("Starts"), 1, 16, STARTS.default, help=t(STARTS_HELP), key="starts", **PERSISTENT
            )
            steps = st.slider(t("Steps"), 50, 1000, STEPS.default, step=50, key="search steps", **PERSISTENT)
        kept = st.session_state.get(JOB)
        busy = bool(kept and kept[1].state == "running")
        st.button(
            t("Find its latent"),
            icon=":material/search:",
            type="primary",
            on_click=_begin,
            args=(choice, question and question.model_copy(update={"starts": starts, "steps": steps})),
            disabled=busy or question is None,
            help=t("Choose a picture first") if question is None else None,
        )
    with right:
        if kept and (busy or kept[0] == choice.weights.key):
            _outcome(kept[1])
        else:
            st.caption(t(ABOUT))


STARTS_HELP = "Searches side by side, each from another latent: one alone may end in a wrong valley."
ABOUT = (
    "Looks for the latent whose picture comes nearest. A picture that this generator made is found again "
    "nearly pixel for pixel; of any other one, you see how much of it the generator can say."
)


def _target(choice: GeneratorChoice) -> Invert | None:
    """The picture to look for; None where there is none yet."""
    scale = choice.config.shape.scale_to(SIDE)
    kinds = {"upload": t("A file"), "data": t("A training picture")}
    kind = st.segmented_control(
        t("Find what"),
        list(kinds),
        format_func=kinds.get,
        default="upload",
        required=True,
        label_visibility="collapsed",
        key="find what",
        **PERSISTENT,
    )
    if kind == "data":
        return _training_picture(choice, scale)
    file = st.file_uploader(
        t("A picture"),
        type=TYPES,
        key="find file",
        max_upload_size=MAX_UPLOAD_BYTES >> 20,
        help=t(UPLOAD_HELP),
    )
    with st.container(horizontal=True):
        whole = st.toggle(
            t("Keep all of it"), help=t("Off: its middle, cut to shape."), key="find whole", **PERSISTENT
        )
        negative = st.toggle(t("Swap light and dark"), help=t(SWAP_HELP), key="find negative", **PERSISTENT)
    content = file.getvalue() if file else b""
    return Invert(content=content, whole=whole, negative=negative, scale=scale) if content else None


UPLOAD_HELP = (
    "It stays on this server only as long as this page is open, and is looked at in a process of its own."
)
SWAP_HELP = "Digits on paper are dark on light; MNIST's are light on dark."


def _training_picture(choice: GeneratorChoice, scale: int) -> Invert | None:
    name = choice.config.data.name
    images = count(name)
    if not images:
        st.caption(t("{data} is not on this machine: upload a picture instead.", data=escape_markdown(name)))
        return None
    number = st.number_input(
        t("Number, of {count}", count=f"{images:,}"), 1, images, step=1, key="find number", **PERSISTENT
    )
    index = int(number) - 1
    try:
        real = supervisor.ask(Real(data=name, index=index, scale=max(1, scale // 2)), choice.weights)
        alt = t("Training picture {number}", number=index + 1)
        st.image(inline_png(real.picture), width=SIDE // 2, alt=alt)
    except Problem as problem:
        show_error(problem)
        return None
    return Invert(data=name, index=index, scale=scale)


def _begin(choice: GeneratorChoice, question: Invert) -> None:
    job = begin(choice, question, t("Looking for starts"))
    st.session_state[JOB] = (choice.weights.key, job)


def _outcome(job: Job) -> None:
    if job.state == "running":
        _progress(job)
    elif job.state == "failed":
        show_error(job.problem)
    elif job.state == "cancelled":
        _given_up(job)
    else:
        _found(job.result)


@st.fragment(run_every=0.3)
def _progress(job: Job) -> None:
    """How the search goes."""
    if job.state != "running":
        st.rerun()
    error = job.report.error if job.report else None
    told = job.stage if error is None else t("Mean squared error {error}", error=f"{error:.4f}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=told)
        st.button(
            t("Cancel"), key="cancel finding", on_click=job.cancel, icon=":material/close:", type="tertiary"
        )
    if job.picture:
        st.image(inline_png(job.picture), width=2 * SIDE, alt=t("The picture wanted, and the nearest so far"))


def _given_up(job: Job) -> None:
    """A search that was cancelled has found something, too."""
    if not job.picture:
        st.caption(t("Cancelled."))
        return
    st.image(inline_png(job.picture), width=2 * SIDE, alt=t("The picture wanted, and the nearest so far"))
    st.caption(t("Cancelled at a mean squared error of {error}.", error=f"{job.report.error:.4f}"))
    offer(job.report.point, "found", _take)


def _found(answer: LatentFound) -> None:
    st.image(answer.picture, width=2 * SIDE, alt=t("The picture wanted, and the one that was found"))
    st.markdown(
        t(
            "Wanted, and found: mean squared error **{error}** in [-1, 1]. {verdict}",
            error=f"{answer.error:.4f}",
            verdict=t(CLOSE if answer.error < 0.01 else FAR),
        )
    )
    if answer.notes:
        st.caption(t("The picture was taken as: {notes}.", notes=", ".join(answer.notes)))
    st.caption(
        t(
            "The latent is {length} long; latents are usually about {usual}.",
            length=f"{answer.length:.1f}",
            usual=f"{answer.usual:.1f}",
        )
    )
    offer(answer.point, "found", _take)
    live_chart(
        errors(answer.curves, answer.steps),
        "finding curve",
        t("The error of each start, falling over the steps"),
    )


CLOSE = "The generator can draw it."
FAR = "The generator can't draw it exactly; this is as near as it came."


def _take(point: str) -> None:
    """Look at what was found, and no slider between."""
    reset()
    make_base(point)
