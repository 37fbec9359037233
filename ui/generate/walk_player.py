"""The preview of a walk: its frames lie in one picture, and the browser plays them."""

import streamlit as st

from gan.control.questions import WalkPreview
from gan.i18n import t
from gan.pictures.png import inline_png
from ui.components.shared import PLAYED, PLAYER, RANGE
from ui.generate.choice import GeneratorChoice
from ui.generate.state import view

JS = """
export default function ({ data, parentElement }) {
  let box = parentElement.querySelector(".gan-walk");
  if (!box) {
    box = document.createElement("div");
    box.className = "gan-walk";
    box.innerHTML = '<canvas role="img"></canvas><div class="gan-played">' + PLAYER + "</div>";
    parentElement.appendChild(box);
    box.at = 0;
    box.playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  }
  const canvas = box.querySelector("canvas"), pen = canvas.getContext("2d");
  const player = box.querySelector("div").children, [button, slider] = player;
  const { shown, frames, columns, width, height, speed, loop, words } = data;
  const show = () => {
    const frame = Math.min(box.at, shown - 1);
    if (box.sheet && box.sheet.complete) {
      pen.clearRect(0, 0, width, height);
      pen.drawImage(box.sheet, (frame % columns) * width, Math.floor(frame / columns) * height,
                    width, height, 0, 0, width, height);
    }
    slider.value = frame;
    const number = Math.round(frame * (frames - 1) / Math.max(1, shown - 1)) + 1;
    showPlayer(player, number + " / " + frames, box.playing, words);
  };
  const tick = () => {
    box.at += 1;
    if (box.at >= shown) { box.at = loop ? 0 : shown - 1; if (!loop) stop(); }
    show();
  };
  const hold = () => { clearInterval(box.timer); box.timer = null; };
  const run = () => {
    hold();
    if (box.playing) box.timer = setInterval(tick, 1000 * frames / shown / speed);
  };
  canvas.width = width;
  canvas.height = height;
  canvas.setAttribute("aria-label", words.label);
  slider.setAttribute("aria-label", words.place);
  slider.max = shown - 1;
  const stop = () => { box.playing = false; hold(); };
  slider.oninput = () => { stop(); box.at = +slider.value; show(); };
  holdForKeys(slider, () => { stop(); show(); });
  button.onclick = () => {
    if (!box.playing && !loop && box.at >= shown - 1) box.at = 0;
    box.playing = !box.playing; run(); show();
  };
  if (box.drawn !== data.sheet) {
    box.drawn = data.sheet;
    box.sheet = new Image();
    box.sheet.onload = show;
    box.sheet.src = data.sheet;
  }
  box.at = Math.min(box.at, shown - 1);
  run();
  show();
  return () => { if (!parentElement.isConnected) hold(); };
}
"""
CSS = """
.gan-walk canvas { width: 224px; max-width: 100%; image-rendering: pixelated; display: block;
  border-radius: var(--st-base-radius, 0.5rem); }
.gan-walk .gan-played { max-width: 320px; }
"""
_component = st.components.v2.component(
    "gan_walk", js=PLAYER + JS, css=RANGE + PLAYED + CSS, isolate_styles=False
)


def play(choice: GeneratorChoice, preview: WalkPreview) -> None:
    """Play the frames of a walk's preview."""
    words = {
        "play": t("Play"),
        "pause": t("Hold"),
        "place": t("Frame shown"),
        "label": t("A walk through {count} keyframes", count=len(view().keys)),
    }
    _, height, width = choice.config.shape
    data = {"sheet": inline_png(preview.picture), "width": width, "height": height, "words": words}
    data |= {"shown": preview.drawn, "frames": preview.frames, "columns": preview.columns}
    _component(data=data | {"speed": view().speed, "loop": view().loop}, key="walk player")
