"""Hub: share a generator on the Hugging Face Hub, and take others from there."""

import streamlit as st

from ui import account, frame, pulling, sharing

frame.enter()
if not account.returning():
    account.account_box()
    sharing.push_half()
    st.space("small")
    pulling.pull_half()
