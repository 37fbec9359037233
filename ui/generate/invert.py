"""Find: the latent of a picture. Gradient descent from several starts, watched as it goes."""

import streamlit as st

from gan.charts.inversion import errors
from gan.control.questions import Invert, LatentFound, Real
from gan.control.supervisor import supervisor
from gan.data.datasets import count
from gan.errors import Problem
from gan.i18n import t
from gan.jobs import Job
from gan.latent.view import STARTS, STEPS
from gan.pictures.decode import MAX_UPLOAD_BYTES
from gan.pictures.png import inline_png
from ui.components.chart import live_chart
from ui.components.widgets import PERSISTENT, action, row
from ui.generate.choice import GeneratorChoice
from ui.generate.directions import reset
from ui.generate.questions import begin, work_of
from ui.generate.state import page_action
from ui.generate.variations import make_base, offer
from ui.session.notices import escape_markdown, show_error

JOB = "finding job"
TYPES = ["png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp"]
SIDE = 224  # pixels of each of the two pictures, about
MOST_STARTS, LEAST_STEPS, MOST_STEPS = 16, 50, 1000  # that the page offers: somebody waits
EXACT = 0.01  # mean squared error below which both pictures look alike
STARTS_HELP = "Searches side by side, each from another latent: one alone may end in a wrong valley."
ABOUT = (
    "Looks for the latent whose picture comes nearest. A picture that this generator made is found again "
    "nearly pixel for pixel; of any other one, you see how much of it the generator can say."
)
UPLOAD_HELP = (
    "It stays on this server only as long as this page is open, and is looked at in a process of its own."
)
SWAP_HELP = "Digits on paper are dark on light; MNIST's are light on dark."
CLOSE = "The generator can draw it."
FAR = "The generator can't draw it exactly; this is as near as it came."


def panel(choice: GeneratorChoice) -> None:
    """What to look for, how the search goes, what it found."""
    left, right = st.columns([1, 1.5], gap="large")
    work = work_of(JOB)
    is_running = bool(work and work.job.state == "running")
    with left:
        question = _question(choice)
        action(
            t("Find its latent"),
            "search",
            _begin,
            choice,
            question,
            kind="primary",
            disabled=is_running or question is None,
            help=t("Choose a picture first") if question is None else None,
        )
    with right:
        if work and (is_running or work.generator == choice.weights.key):
            _outcome(work.job)
        else:
            st.caption(t(ABOUT))


def _begin(choice: GeneratorChoice, question: Invert) -> None:
    begin(JOB, choice, question, t("Looking for starts"))


def _question(choice: GeneratorChoice) -> Invert | None:
    """What to look for, and how long; None where there is no picture yet."""
    target = _target(choice)
    with st.popover(t("How long"), icon=":material/tune:", type="tertiary"):
        default, about = STARTS.default, t(STARTS_HELP)
        starts = st.slider(t("Starts"), 1, MOST_STARTS, default, help=about, key="starts", **PERSISTENT)
        key, default = "search steps", STEPS.default
        steps = st.slider(t("Steps"), LEAST_STEPS, MOST_STEPS, default, step=50, key=key, **PERSISTENT)
    return target and target.model_copy(update={"starts": starts, "steps": steps})


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
    return _training_picture(choice, scale) if kind == "data" else _upload(scale)


def _upload(scale: int) -> Invert | None:
    file = st.file_uploader(
        t("A picture"),
        type=TYPES,
        key="find file",
        max_upload_size=MAX_UPLOAD_BYTES >> 20,
        help=t(UPLOAD_HELP),
    )
    with st.container(horizontal=True):
        about = t("Off: its middle, cut to shape.")
        whole = st.toggle(t("Keep all of it"), help=about, key="find whole", **PERSISTENT)
        negative = st.toggle(t("Swap light and dark"), help=t(SWAP_HELP), key="find negative", **PERSISTENT)
    content = file.getvalue() if file else b""
    return Invert(content=content, whole=whole, negative=negative, scale=scale) if content else None


def _training_picture(choice: GeneratorChoice, scale: int) -> Invert | None:
    name = choice.config.data.name
    images = count(name)
    if not images:
        st.caption(t("{data} is not on this machine: upload a picture instead.", data=escape_markdown(name)))
        return None
    label = t("Number, of {count}", count=f"{images:,}")
    index = int(st.number_input(label, 1, images, step=1, key="find number", **PERSISTENT)) - 1
    try:
        real = supervisor.viewers.ask(Real(data=name, index=index, scale=max(1, scale // 2)), choice.weights)
        alt = t("Training picture {number}", number=index + 1)
        st.image(inline_png(real.picture), width=SIDE // 2, alt=alt)
    except Problem as problem:
        show_error(problem)
        return None
    return Invert(data=name, index=index, scale=scale)


def _outcome(job: Job) -> None:
    if job.state == "running":
        _progress(job)
    elif job.state == "failed":
        show_error(job.problem)
    elif job.state == "cancelled":
        _cancelled(job)
    else:
        _found(job.result)


@st.fragment(run_every=0.3)
def _progress(job: Job) -> None:
    """How the search goes."""
    if job.state != "running":
        st.rerun()
    error = job.report and job.report.error
    text = job.stage if error is None else t("Mean squared error {error}", error=f"{error:.4f}")
    with row():
        st.progress(job.share, text=text)
        action(t("Cancel"), "close", job.cancel, key="cancel finding")
    if job.picture:
        _nearest_so_far(job)


def _nearest_so_far(job: Job) -> None:
    st.image(inline_png(job.picture), width=2 * SIDE, alt=t("The picture wanted, and the nearest so far"))


def _cancelled(job: Job) -> None:
    """A search that was cancelled has found something, too."""
    if not job.picture:
        st.caption(t("Cancelled."))
        return
    _nearest_so_far(job)
    st.caption(t("Cancelled at a mean squared error of {error}.", error=f"{job.report.error:.4f}"))
    offer(job.report.point, "found", _take)


def _found(answer: LatentFound) -> None:
    st.image(answer.picture, width=2 * SIDE, alt=t("The picture wanted, and the one that was found"))
    message = "Wanted, and found: mean squared error **{error}** in [-1, 1]. {verdict}"
    verdict = t(CLOSE if answer.error < EXACT else FAR)
    st.markdown(t(message, error=f"{answer.error:.4f}", verdict=verdict))
    if answer.notes:
        st.caption(t("The picture was taken as: {notes}.", notes=", ".join(answer.notes)))
    message = "The latent is {length} long; latents are usually about {usual}."
    st.caption(t(message, length=f"{answer.length:.1f}", usual=f"{answer.usual:.1f}"))
    offer(answer.point, "found", _take)
    about = t("The error of each start, falling over the steps")
    live_chart(errors(answer.curves, answer.steps), "finding curve", about)


@page_action
def _take(point: str) -> None:
    """Make what was found the base, with every slider at its default."""
    reset()
    make_base(point)
