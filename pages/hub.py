"""Hub: share a generator on the Hugging Face Hub, and take others from there."""

import streamlit as st

from ui.hub.account import account_box, show_return
from ui.hub.browse import browse
from ui.hub.pull import pull_half
from ui.hub.push import push_half
from ui.session import frame
from ui.session.dialogs import show_next_dialog

frame.enter()
if not show_return():
    account_box()
    push_half()
    st.space("small")
    pull_half()
    browse()
show_next_dialog()
