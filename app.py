"""GAN Workbench: the page list, the frame around it, and a worker that warms up behind it."""

import streamlit as st

from gan.control.supervisor import supervisor
from gan.i18n import t
from ui import STATIC
from ui.session import language, visitor
from ui.session.notices import shown

language.follow_reader()
st.set_page_config(
    page_title="GAN Workbench",
    page_icon=STATIC / "icon.png",
    layout="wide",
    initial_sidebar_state=264,
)
st.logo(STATIC / "logo.svg", size="large")
page = st.navigation(
    [
        st.Page("pages/train.py", title=t("Train"), icon=":material/model_training:", default=True),
        st.Page("pages/generate.py", title=t("Generate"), icon=":material/auto_awesome:"),
        st.Page("pages/runs.py", title=t("Runs"), icon=":material/folder_open:"),
        st.Page("pages/hub.py", title=t("Hub"), icon=":material/hub:"),
    ]
)
supervisor.warm()
with shown():
    visitor.recognise()
    page.run()
    visitor.show_limits()
