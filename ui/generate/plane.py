"""Plane: three or four pictures at the corners and everything between them, to be dragged across."""

import streamlit as st

from gan.control.questions import Place, Plane
from gan.control.supervisor import supervisor
from gan.control.viewer import Dropped
from gan.errors import Problem
from gan.i18n import t
from gan.latent.view import CORNERS, PLANE
from gan.pictures.png import inline_png
from ui.components.shared import PACED, RANGE, number_of
from ui.components.widgets import PERSISTENT, action, row
from ui.generate.choice import GeneratorChoice
from ui.generate.questions import ask_once, edited_point, point_title
from ui.generate.state import change, field, page_action, slot, view
from ui.generate.variations import offer
from ui.session.notices import show_error

MAP, PICTURE = 360, 224  # pixels of their sides, about

JS = """
export default function ({ data, parentElement, setStateValue }) {
  let box = parentElement.querySelector(".gan-plane");
  if (!box) {
    box = document.createElement("div");
    box.className = "gan-plane";
    box.innerHTML = '<div class="gan-pad"><img alt=""><i></i></div>'
      + '<label><span></span><input class="gan-range" type="range" min="0" max="1"></label>'
      + '<label><span></span><input class="gan-range" type="range" min="0" max="1"></label>';
    parentElement.appendChild(box);
  }
  hear(box, data.heard);
  const pad = box.querySelector(".gan-pad"), image = pad.querySelector("img"), mark = pad.querySelector("i");
  const [across, down] = box.querySelectorAll("input");
  const step = data.snap ? 1 / (data.side - 1) : 0.01;
  const place = (x, y, tell) => {
    const near = (value) => +(Math.round(Math.min(1, Math.max(0, value)) / step) * step).toFixed(4);
    across.value = near(x);
    down.value = near(y);
    // the first and the last tile's middles are the corners themselves
    mark.style.left = (100 * (+across.value * (data.side - 1) + 0.5)) / data.side + "%";
    mark.style.top = (100 * (+down.value * (data.side - 1) + 0.5)) / data.side + "%";
    if (!tell) return;
    const there = { across: +across.value, down: +down.value };
    paced(box, (number) => setStateValue("place", { ...there, number }));
  };
  const at = (event) => {
    const frame = pad.getBoundingClientRect(), side = data.side;
    const along = (value, size) => ((value / size) * side - 0.5) / (side - 1);
    place(along(event.clientX - frame.left, frame.width),
          along(event.clientY - frame.top, frame.height), true);
  };
  pad.onpointerdown = (event) => { box.held = true; pad.setPointerCapture(event.pointerId); at(event); };
  pad.onpointermove = (event) => { if (box.held) at(event); };
  pad.onpointerup = pad.onpointercancel = () => { box.held = false; };
  [[across, data.words.across], [down, data.words.down]].forEach(([slider, label]) => {
    slider.step = step;
    slider.parentElement.querySelector("span").textContent = label;
    slider.oninput = () => place(+across.value, +down.value, true);
  });
  pad.title = data.words.drag;
  if (image.getAttribute("src") !== data.map) image.src = data.map;
  if (isAnswered(box)) place(data.across, data.down, false);
}
"""
CSS = """
.gan-plane { max-width: 380px; }
.gan-plane .gan-pad { position: relative; cursor: crosshair; touch-action: none; line-height: 0; }
.gan-plane img { width: 100%; image-rendering: pixelated; border-radius: var(--st-base-radius, 0.5rem);
  pointer-events: none; user-select: none; }
.gan-plane i { position: absolute; width: 18px; height: 18px; margin: -9px 0 0 -9px; border-radius: 50%;
  border: 3px solid var(--st-primary-color); background: rgba(255, 255, 255, 0.35); pointer-events: none; }
.gan-plane label { display: flex; align-items: center; gap: 0.6rem; font-size: 0.85rem; height: 2rem; }
.gan-plane span { width: 4rem; }
.gan-plane input { flex: 1; }
"""
_component = st.components.v2.component("gan_plane", js=PACED + JS, css=RANGE + CSS, isolate_styles=False)


@page_action
def pick(choice: GeneratorChoice, index: int) -> None:
    """Add a picture, as it is shown, to the corners; a fifth one takes the place of the last."""
    change(corners=(*view().corners[: CORNERS - 1], edited_point(choice, index)))


def panel(choice: GeneratorChoice) -> None:
    """The corners, the map, and the picture at the place one has dragged to."""
    corners = view().corners
    with row():
        if len(corners) < 3:
            message = "Click three or four pictures: they become the plane's corners. So far: {count}."
            st.caption(t(message, count=len(corners)))
            action(t("Take the first four"), "playlist_add", _pick_four, choice)
        else:
            st.caption(t("Corners: {names}", names=" · ".join(map(point_title, corners))))
        if corners:
            action(t("Clear"), "delete_sweep", _clear, key="clear plane")
    if len(corners) < 3:
        return
    try:
        _map_and_picture(choice)
    except Dropped:
        return  # this part of the page runs again for what came after
    except Problem as problem:
        show_error(problem)


@page_action
def _pick_four(choice: GeneratorChoice) -> None:
    count = min(CORNERS, view().pictures())
    change(corners=tuple(edited_point(choice, index) for index in range(count)))


@page_action
def _clear() -> None:
    change(corners=())


def _map_and_picture(choice: GeneratorChoice) -> None:
    left, right = st.columns([1, 1], gap="large")
    with left:
        snap = st.toggle(t("Snap to the tiles"), key="plane snap", **PERSISTENT)
        _pad(choice, snap)
    scale = choice.config.shape.scale_to(PICTURE)
    question = Place(view=view().only("corners", "across", "down", "linear"), scale=scale, slot=slot("place"))
    answer = supervisor.viewers.ask(question, choice.weights)
    with right:
        st.toggle(t("Straight"), **field("linear"))
        st.image(inline_png(answer.picture), width=PICTURE, alt=t("The picture at this place of the plane"))
        offer(answer.point, "plane")


def _pad(choice: GeneratorChoice, snap: bool) -> None:
    scale = choice.config.shape.scale_to(MAP // PLANE)
    question = Plane(view=view().only("corners", "linear"), scale=scale, slot=slot("plane"))
    answer = ask_once("plane map", question, choice)
    words = {"across": t("Across"), "down": t("Down"), "drag": t("Drag across the plane")}
    data = {"map": inline_png(answer.picture), "side": PLANE, "snap": snap, "words": words}
    data |= {"across": view().across, "down": view().down, "heard": number_of(_message())}
    _component(data=data, key="plane pad", on_place_change=_placed)


def _message() -> object:
    return getattr(st.session_state.get("plane pad"), "place", None)


def _placed() -> None:
    place = _message()
    if isinstance(place, dict) and {"across", "down"} <= place.keys():
        change(across=place["across"], down=place["down"])
