"""Streamlit's widgets as every page uses them: values that outlive a visit to another page, rows, buttons."""

from collections.abc import Callable
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

PERSISTENT = {"persist_state": "session"}  # for a widget that keeps its value while another page is open


def row(
    align: Literal["center", "bottom"] = "center",
    gap: Literal["small", "medium"] = "small",
    border: bool = False,
) -> DeltaGenerator:
    """A container whose elements stand beside each other: `with row(): …`."""
    return st.container(horizontal=True, vertical_alignment=align, gap=gap, border=border)


def renewed(name: str, value: str) -> DeltaGenerator:
    """A container that is a new one for each value of what it holds: `with renewed("state", state): …`.

    A browser that translates a page puts nodes of its own in place of those with text. What the page changes
    later is the old node, which nobody sees any more, unless the element around it is replaced.
    """
    return st.container(key=f"{name}: {value}", width="content")


def action(
    label: str,
    icon: str,
    act: Callable[..., None],
    *arguments: object,
    key: str | None = None,
    kind: Literal["primary", "secondary", "tertiary"] = "tertiary",
    help: str | None = None,
    disabled: bool = False,
    width: Literal["content", "stretch"] | int = "content",
) -> None:
    """A button that does `act(*arguments)`. `icon` is the name of a Material symbol."""
    look = {"type": kind, "icon": f":material/{icon}:", "width": width}
    st.button(label, key=key, help=help, on_click=act, args=arguments, disabled=disabled, **look)
