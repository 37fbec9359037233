"""Hub: share a generator on the Hugging Face Hub, and take others from there."""

import streamlit as st

from ui.hub import account, pull, push
from ui.session import frame

frame.enter()
if not account.returning():
    account.account_box()
    push.push_half()
    st.space("small")
    pull.pull_half()
