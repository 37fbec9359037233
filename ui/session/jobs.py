"""A job under way, wherever a page shows one."""

import streamlit as st

from gan.jobs import Job
from ui.session.notices import plain


@st.fragment(run_every=0.3)
def watch(job: Job, cancel: str) -> None:
    """A job's stage and bar, and a button that ends it as long as it can be ended; the page is made anew when
    it is over.
    """
    if job.state != "running":
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=plain(job.stage))
        key, can = f"cancel {id(job)}", not job.settled
        st.button(
            cancel, key=key, on_click=job.cancel, disabled=not can, icon=":material/close:", type="tertiary"
        )
