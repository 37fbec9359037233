"""Sliders that send their value while they are dragged. `st.slider` sends it when the drag ends.

They are the browser's own range inputs, which bring arrow keys, and labels and values for screen readers.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import streamlit as st

from ui.components.shared import PACED, RANGE, number_of

JS = """
export default function ({ data, parentElement, setStateValue }) {
  let box = parentElement.querySelector(".gan-ranges");
  if (!box) {
    box = document.createElement("div");
    box.className = "gan-ranges";
    box.places = {};  // values of the sliders that were moved, of no others: a browser rounds what it shows
    parentElement.appendChild(box);
  }
  hear(box, data.heard);
  const show = (row, dial) => {
    const input = row.querySelector("input");
    const text = (+input.value).toFixed(dial.decimals) + dial.unit;
    row.querySelector("b").textContent = text;
    input.setAttribute("aria-valuetext", text);
    const share = (100 * (+input.value - dial.least)) / (dial.most - dial.least);
    const middle = (100 * (dial.rest - dial.least)) / (dial.most - dial.least);
    const [from, to] = [Math.min(share, middle), Math.max(share, middle)];
    input.style.background = "linear-gradient(to right, var(--st-border-color) " + from
      + "%, var(--st-primary-color) " + from + "% " + to + "%, var(--st-border-color) " + to + "%)";
  };
  const send = (input) => {
    if (isAnswered(box)) box.places = {};
    box.places[input.name] = +input.value;
    // the number makes each message a new one: Streamlit ignores a message that equals the last one
    paced(box, (number) => setStateValue("places", { places: box.places, number }));
  };
  while (box.children.length > data.dials.length) box.lastChild.remove();
  while (box.children.length < data.dials.length) {
    const row = box.appendChild(document.createElement("label"));
    row.innerHTML = '<span></span><b aria-hidden="true"></b><input type="range" class="gan-range">';
  }
  data.dials.forEach((dial, index) => {
    const row = box.children[index], input = row.querySelector("input");
    const same = input.name === dial.name;
    row.querySelector("span").textContent = dial.label;
    row.title = dial.help;
    input.name = dial.name;
    input.min = dial.least;
    input.max = dial.most;
    input.step = dial.step;
    input.setAttribute("aria-label", dial.label);
    if (!same || isAnswered(box)) input.value = dial.value;
    input.oninput = () => { show(row, dial); send(input); };
    show(row, dial);
  });
}
"""
CSS = """
.gan-ranges label { display: grid; grid-template-columns: 1fr auto; font-size: 1rem; margin-bottom: 0.55rem; }
.gan-ranges input { grid-column: 1 / 3; width: 100%; }
.gan-ranges b { font-weight: inherit; color: var(--st-primary-color); font-variant-numeric: tabular-nums; }
"""
_component = st.components.v2.component("gan_ranges", js=PACED + JS, css=RANGE + CSS, isolate_styles=False)


@dataclass(frozen=True)
class Dial:
    """One slider. At `rest` it changes nothing; `write` takes a new value."""

    name: str
    label: str
    value: float
    write: Callable[[float], None]
    least: float
    most: float
    step: float
    rest: float = 0.0
    unit: str = ""
    help: str = ""

    def to_json(self) -> dict:
        """Everything but `write`, and how many decimals of the value to show."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "write"}
        return values | {"decimals": 2 if self.step < 0.1 else 1}


def ranges(dials: list[Dial], key: str) -> None:
    """Show sliders one below the other; each one that moves calls its `write`."""

    def moved() -> None:
        message = st.session_state[key].places
        places = message.get("places") if isinstance(message, dict) else None
        for dial in dials:
            value = places.get(dial.name) if isinstance(places, dict) else None
            if isinstance(value, int | float) and dial.least <= value <= dial.most and value != dial.value:
                dial.write(float(value))

    data = {"dials": [dial.to_json() for dial in dials]}
    data["heard"] = number_of(getattr(st.session_state.get(key), "places", None))
    _component(data=data, key=key, on_places_change=moved)
