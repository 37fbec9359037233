"""The Structure tab: both networks of a recipe, layer by layer."""

import streamlit as st

from gan.control.supervisor import supervisor
from gan.errors import Problem
from gan.i18n import t
from gan.pictures import colours
from gan.pictures.diagram import Structure, draw
from gan.recipes.recipe import Recipe
from ui.session.notices import escape_markdown

IMAGE = (1, 28, 28)  # channels, height, width


def show_structure(recipe: Recipe) -> None:
    """Both networks as tables, who plays against whom as a graph, and all layers as a picture."""
    try:
        generator, discriminator = supervisor.viewers.structures(recipe, IMAGE)
    except Problem as problem:
        st.caption(escape_markdown(str(problem)))
        return
    left, right = st.columns([1.55, 1], gap="medium")
    with left:
        table, picture = st.columns([1.2, 1], gap="small")
        with table:
            _layers(generator, "orange")
        with picture:
            st.graphviz_chart(_game(generator), width="stretch", height=176)
    with right:
        _layers(discriminator, "blue")
    with st.expander(t("Layers as a picture")):
        st.image(draw(generator, discriminator), width=660, alt=t("Layers of G and of D as boxes"))


def _game(generator: Structure) -> str:
    """Which network sees whose pictures, as a graph in DOT whose colours suit a light and a dark page."""
    nodes = {
        "z": (t("latents {size}", size=generator.input[0]), colours.GREY),
        "G": (t("Generator"), colours.GENERATOR),
        "x": (t("Data"), colours.REAL),
        "D": (t("Discriminator"), colours.DISCRIMINATOR),
    }
    boxes = "".join(
        f'{key} [label="{label}", fillcolor="{colour}"];' for key, (label, colour) in nodes.items()
    )
    box = 'shape=box, style="rounded,filled", penwidth=0, height=0.3'
    node = f"{box}, fontcolor=white, fontname=sans, fontsize=11"
    edge = f'color="{colours.GREY}", arrowsize=0.7'
    look = f"bgcolor=transparent; ranksep=0.25; node [{node}]; edge [{edge}];"
    return f"digraph {{{look} {boxes} z -> G -> D; x -> D;}}"


def _layers(net: Structure, colour: str) -> None:
    st.markdown(f":{colour}[●] **{t(net.title)}** &emsp; {net.trainable:,}")
    column = st.column_config
    st.dataframe(
        [{"layer": layer.name, "output": layer.shape, "count": layer.total} for layer in net.layers],
        column_config={
            "layer": column.Column(t("Layer")),
            "output": column.Column(t("Output")),
            "count": column.NumberColumn(t("Params"), format="localized"),
        },
        row_height=26,
        hide_index=True,
        height=136,
        alt=t("Layers of {net}", net=net.title),
    )
