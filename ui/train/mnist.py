"""The download of MNIST, in the form of a new run."""

import streamlit as st

from gan.control.supervisor import supervisor
from gan.data import datasets
from gan.i18n import t
from ui.components.widgets import action
from ui.session.notices import escape_markdown


@st.fragment(run_every=0.5)
def _progress() -> None:
    download = supervisor.download
    if download.state != "running":
        st.rerun()
    st.progress(download.share, text=t("Downloading MNIST: {percent} %", percent=round(100 * download.share)))


def mnist_download() -> None:
    """Where MNIST is chosen and isn't here: a button that fetches it, its progress, and why that failed."""
    download = supervisor.download
    if download and download.state == "running":
        _progress()
    elif st.session_state.get("data") == "mnist" and datasets.count("mnist") is None:
        look = {"kind": "secondary", "width": "stretch"}
        action(t("Download MNIST (12 MB)"), "download", supervisor.fetch_mnist, **look)
    if download and download.state == "failed" and datasets.count("mnist") is None:
        st.caption(f":red[{escape_markdown(download.problem)}]")
        if st.session_state.get("failed_download") is not download:
            st.session_state["failed_download"] = download
            st.session_state["data_wanted"] = "digits"
            st.rerun()
