"""The Events tab: what happened to a run beside its steps."""

import streamlit as st

from gan.i18n import t
from ui.session.run import PageRun

LISTED_EVENTS = 200


def list_events(page_run: PageRun, place: int | None) -> None:
    """The events, the last one first. Those after `place`, the step looked back at, are grey."""
    events = page_run.run.events()[::-1][:LISTED_EVENTS]
    if not events:
        st.caption(t("Nothing yet: changes of the learning rates and single moves appear here."))
    for event in events:
        is_later = place is not None and event.step > place
        what = f":gray[{event.describe()}]" if is_later else event.describe()
        st.markdown(t(":gray[step {step}] &emsp; {what}", step=f"{event.step:,}", what=what))
