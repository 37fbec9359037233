"""The download of MNIST, as the form shows it."""

import streamlit as st

from gan.control.supervisor import supervisor
from gan.data import datasets
from gan.i18n import t
from ui.session.notices import escape_markdown


@st.fragment(run_every=0.5)
def _download_progress() -> None:
    download = supervisor.download
    if download.state != "running":
        st.rerun()
    st.progress(download.share, text=t("Downloading MNIST: {percent} %", percent=round(100 * download.share)))


def mnist_download() -> None:
    """Where MNIST is chosen and isn't here: a button that fetches it, its progress, and what went wrong."""
    download = supervisor.download
    if download and download.state == "running":
        _download_progress()
    elif st.session_state.get("data") == "mnist" and datasets.count("mnist") is None:
        st.button(
            t("Download MNIST (12 MB)"), icon=":material/download:", width="stretch", on_click=_start_download
        )
    if download and download.state == "failed" and datasets.count("mnist") is None:
        st.caption(f":red[{escape_markdown(str(download.problem))}]")
        if st.session_state.get("failed_download") is not download:
            st.session_state["failed_download"] = download
            st.session_state["data_wanted"] = "digits"
            st.rerun()


def _start_download() -> None:
    supervisor.fetch_mnist()
