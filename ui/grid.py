"""A picture of many pictures, each of which can be clicked, or reached by the arrow keys.

It is one PNG under transparent buttons.
"""

from collections.abc import Callable

import streamlit as st

from gan.pictures import columns_for, inline_png

JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  let box = parentElement.querySelector(".gan-grid");
  if (!box) {
    box = document.createElement("div");
    box.className = "gan-grid";
    box.setAttribute("role", "group");
    box.appendChild(document.createElement("img")).alt = "";
    parentElement.appendChild(box);
  }
  const { columns, width, height, labels } = data;
  const image = box.querySelector("img");
  if (image.getAttribute("src") !== data.picture) image.src = data.picture;
  box.setAttribute("aria-label", data.alt);
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
    all.forEach((one) => (one.tabIndex = -1));
    all[index].tabIndex = 0;
    all[index].focus();
  };
  const move = (from, to) => {
    if (from === to || !buttons()[from] || !buttons()[to]) return;
    setTriggerValue("moved", { from, to });
    goTo(to);
  };
  buttons().forEach((button, index) => {
    const column = index % columns, row = Math.floor(index / columns);
    button.style.left = (100 * column * (width + 1)) / across + "%";
    button.style.top = (100 * row * (height + 1)) / down + "%";
    button.style.width = (100 * width) / across + "%";
    button.style.height = (100 * height) / down + "%";
    button.setAttribute("aria-label", labels[index]);
    button.title = labels[index];
    button.classList.toggle("gan-marked", index === data.marked);
    button.onclick = () => setTriggerValue("picked", { index });
    button.draggable = data.movable;
    button.ondragstart = (event) => event.dataTransfer.setData("text/plain", "picture " + index);
    button.ondragover = (event) => data.movable && event.preventDefault();
    button.ondrop = (event) => {
      event.preventDefault();
      const told = /^picture (\\d+)$/.exec(event.dataTransfer.getData("text/plain"));
      if (told) move(Number(told[1]), index);
    };
    if (data.movable) button.setAttribute("aria-keyshortcuts", "Alt+ArrowLeft Alt+ArrowRight");
    button.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
      if (event.altKey) {
        if (data.movable && step) { event.preventDefault(); move(index, index + step); }
        return;
      }
      const at = event.key === "Home" ? 0 : event.key === "End" ? labels.length - 1 : index + step;
      if (Number.isInteger(at)) { event.preventDefault(); goTo(at); }
    };
  });
  if (!buttons().some((one) => one.tabIndex === 0)) buttons()[0].tabIndex = 0;
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
.gan-grid .gan-marked { outline: 3px solid var(--st-primary-color); }
"""
_component = st.components.v2.component("gan_grid", js=JS, css=CSS, isolate_styles=False)


def clickable_grid(
    picture: bytes,
    size: tuple[int, int],
    labels: list[str],
    alt: str,
    on_pick: Callable[[int], None],
    key: str = "grid",
    marked: int | None = None,
    columns: int | None = None,
    on_move: Callable[[int, int], None] | None = None,
) -> None:
    """Show a PNG of `gan.pictures.grid` whose images are of that size (width, height). `on_pick` gets the
    index of the one that is clicked; `on_move` from where to where one was dragged, or moved with Alt and
    the arrow keys.
    """

    def picked() -> None:
        clicked = st.session_state[key].picked
        if isinstance(clicked, dict) and 0 <= clicked.get("index", -1) < len(labels):
            on_pick(int(clicked["index"]))

    def moved() -> None:
        told = st.session_state[key].moved
        places = (told.get("from", -1), told.get("to", -1)) if isinstance(told, dict) else (-1, -1)
        if on_move and all(place in range(len(labels)) for place in places):
            on_move(*map(int, places))

    width, height = size
    data = {
        "picture": inline_png(picture),
        "columns": columns or columns_for(len(labels)),
        "width": width,
        "height": height,
        "labels": labels,
        "alt": alt,
        "marked": marked,
        "movable": on_move is not None,
    }
    _component(data=data, key=key, on_picked_change=picked, on_moved_change=moved)
