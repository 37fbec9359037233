"""A grid of pictures. Each can be clicked, or reached by the arrow keys; it is one PNG under transparent
buttons.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from gan.pictures.png import columns_for, inline_png
from ui.components.shared import NUMBERED, number_of

JS = """
const DRAG = 5;  // pixels: who moves further than that drags, and does not click
export default function ({ data, parentElement, setTriggerValue }) {
  let box = parentElement.querySelector(".gan-grid");
  if (!box) {
    box = document.createElement("div");
    box.className = "gan-grid";
    box.setAttribute("role", "group");
    box.appendChild(document.createElement("img")).alt = "";
    parentElement.appendChild(box);
  }
  hear(box, data.heard);
  const { columns, width, height, labels } = data;
  const image = box.querySelector("img");
  if (image.getAttribute("src") !== data.picture) image.src = data.picture;
  box.setAttribute("aria-label", data.alt);
  box.classList.toggle("gan-movable", data.names.length > 0);
  const rows = Math.ceil(labels.length / columns);
  const across = columns * (width + 1) - 1, down = rows * (height + 1) - 1;
  image.style.aspectRatio = across + " / " + down;
  const buttons = () => [...box.querySelectorAll("button")];
  while (buttons().length > labels.length) buttons().at(-1).remove();
  while (buttons().length < labels.length) {
    const button = box.appendChild(document.createElement("button"));
    button.type = "button";
    button.tabIndex = buttons().length === 1 ? 0 : -1;
  }
  const goTo = (index) => {
    const all = buttons();
    if (!all[index]) return;
    all.forEach((button) => (button.tabIndex = -1));
    all[index].tabIndex = 0;
    all[index].focus();
  };
  const sorted = (names) => [...names].sort().join();
  if (!box.names || isAnswered(box) || sorted(box.names) !== sorted(data.names)) box.names = data.names;
  const move = (from, to) => {
    if (from === to || !(from in box.names) || !(to in box.names)) return;
    const names = [...box.names];
    names.splice(to, 0, ...names.splice(from, 1));
    box.names = names;
    setTriggerValue("ordered", { names: box.names, number: ++box.count });
    goTo(to);
  };
  const under = (event) => buttons().findIndex((button) => {
    const { left, right, top, bottom } = button.getBoundingClientRect();
    return left <= event.clientX && event.clientX < right && top <= event.clientY && event.clientY < bottom;
  });
  const aim = (at) => buttons().forEach((button, index) => button.classList.toggle("gan-aim", index === at));
  buttons().forEach((button, index) => {
    const column = index % columns, row = Math.floor(index / columns);
    button.style.left = (100 * column * (width + 1)) / across + "%";
    button.style.top = (100 * row * (height + 1)) / down + "%";
    button.style.width = (100 * width) / across + "%";
    button.style.height = (100 * height) / down + "%";
    button.setAttribute("aria-label", labels[index]);
    button.title = labels[index];
    button.classList.toggle("gan-marked", index === data.marked);
    button.onclick = (event) => {
      if (!box.dragged || !event.detail) setTriggerValue("picked", { index });  // by a key there is no detail
      box.dragged = false;
    };
    button.onpointerdown = (event) => {
      box.dragged = false;
      box.held = data.names.length && event.button === 0 ? [event.clientX, event.clientY] : null;
      if (box.held) button.setPointerCapture(event.pointerId);  // so that this button gets every move
    };
    button.onpointermove = (event) => {
      if (!box.held || Math.hypot(event.clientX - box.held[0], event.clientY - box.held[1]) < DRAG) return;
      box.dragged = true;
      aim(under(event));
    };
    button.onpointerup = (event) => { if (box.dragged) move(index, under(event)); box.held = null; aim(-1); };
    button.onpointercancel = () => { box.held = null; box.dragged = false; aim(-1); };
    if (data.names.length) button.setAttribute("aria-keyshortcuts", "Alt+ArrowLeft Alt+ArrowRight");
    button.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
      if (event.altKey) {
        if (data.names.length && step) { event.preventDefault(); move(index, index + step); }
        return;
      }
      const at = event.key === "Home" ? 0 : event.key === "End" ? labels.length - 1 : index + step;
      if (Number.isInteger(at)) { event.preventDefault(); goTo(at); }
    };
  });
  if (!buttons().some((button) => button.tabIndex === 0)) buttons()[0].tabIndex = 0;
}
"""
CSS = """
.gan-grid { position: relative; width: 100%; line-height: 0; }
.gan-grid img { width: 100%; border-radius: var(--st-base-radius, 0.5rem); image-rendering: pixelated; }
.gan-grid button { position: absolute; padding: 0; border: 0; background: none; cursor: pointer;
  border-radius: 2px; }
.gan-grid button:hover { outline: 2px solid var(--st-primary-color); }
.gan-grid button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 1px;
  z-index: 1; }
.gan-grid.gan-movable button { touch-action: pan-y; }
.gan-grid .gan-aim { outline: 3px dashed var(--st-primary-color); cursor: grabbing; }
.gan-grid .gan-marked { outline: 3px solid var(--st-primary-color); }
"""
_component = st.components.v2.component("gan_grid", js=NUMBERED + JS, css=CSS, isolate_styles=False)


def clickable_grid(
    picture: bytes,
    size: tuple[int, int],
    labels: list[str],
    alt: str,
    on_pick: Callable[[int], None],
    key: str = "grid",
    marked: int | None = None,
    columns: int | None = None,
    names: Sequence[str] = (),
    on_order: Callable[[list[str]], None] | None = None,
) -> None:
    """Show a PNG of `gan.pictures.png.grid` whose pictures have that size (width, height in pixels).

    A click calls `on_pick` with the picture's index. Pictures with `names` can be moved, by dragging or with
    Alt and the arrow keys; `on_order` then gets the names in their new order.
    """

    def picked() -> None:
        message = st.session_state[key].picked
        if isinstance(message, dict) and 0 <= message.get("index", -1) < len(labels):
            on_pick(int(message["index"]))

    def ordered() -> None:
        message = st.session_state[key].ordered
        order = message.get("names") if isinstance(message, dict) else None
        st.session_state[f"{key} heard"] = number_of(message)
        if on_order and isinstance(order, list) and all(isinstance(name, str) for name in order):
            on_order(order)

    data = {
        "picture": inline_png(picture),
        "columns": columns or columns_for(len(labels)),
        "names": list(names),
        "heard": st.session_state.get(f"{key} heard", 0),
    }
    data |= {"width": size[0], "height": size[1], "labels": labels, "alt": alt, "marked": marked}
    _component(data=data, key=key, on_picked_change=picked, on_ordered_change=ordered)
