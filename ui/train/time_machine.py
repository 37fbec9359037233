"""The time machine: one slider through a run's steps that moves charts, pictures and events together, and a
film of its pictures.
"""

import streamlit as st

from gan.i18n import t
from gan.pictures import video
from gan.runs.run import Run
from ui.components.shared import PLAYED, PLAYER, RANGE
from ui.components.widgets import action, row
from ui.session.download import offer
from ui.session.frame import request_page_run
from ui.session.run import PageRun

MAX_STOPS = 120  # places of the slider
FILMS = {"GIF": video.gif, "MP4": video.mp4}

JS = """
const PERIOD = 400;  // milliseconds between two pictures while it plays
export default function ({ data, parentElement, setStateValue }) {
  let box = parentElement.querySelector(".gan-machine");
  if (!box) {
    box = document.createElement("div");
    box.className = "gan-machine gan-played";
    box.innerHTML = PLAYER;
    parentElement.appendChild(box);
  }
  const [button, slider] = box.children;
  const stops = () => box.stops;
  const live = () => stops().length;  // the slider's last place is now
  const step = (at) => (at < stops().length ? stops()[at] : null);
  const show = () => {
    const at = step(+slider.value);
    const place = at === null ? data.words.now : data.words.step + " " + at.toLocaleString("en");
    showPlayer(box.children, place, box.timer, data.words);
  };
  const send = () => { show(); setStateValue("place", step(+slider.value)); };
  const hold = () => { clearInterval(box.timer); box.timer = null; show(); };
  const play = () => {
    if (+slider.value >= live()) slider.value = 0;
    box.timer = setInterval(() => {
      slider.value = +slider.value + 1;
      if (+slider.value >= live()) hold();
      send();
    }, PERIOD);
    send();
  };
  const here = box.stops ? step(+slider.value) : data.place;
  box.stops = data.stops;
  slider.max = live();
  slider.value = here === null || !stops().includes(here) ? live() : stops().indexOf(here);
  slider.setAttribute("aria-label", data.words.label);
  slider.oninput = () => { hold(); show(); };
  slider.onchange = () => { hold(); send(); };
  holdForKeys(slider, hold);
  button.onclick = () => (box.timer ? hold() : play());
  show();
  return () => { if (!parentElement.isConnected) clearInterval(box.timer); };
}
"""
_component = st.components.v2.component(
    "gan_time_machine", js=PLAYER + JS, css=RANGE + PLAYED, isolate_styles=False
)


def stops(page_run: PageRun) -> list[int]:
    """The steps that the slider can stand at: those with a picture, evenly thinned in a long run."""
    return video.evenly_spaced(page_run.run.sample_steps(), MAX_STOPS)


def place(page_run: PageRun) -> int | None:
    """The step that the slider stands at; None for now."""
    step = getattr(st.session_state.get(_key(page_run.name)), "place", None)
    return int(step) if step is not None and page_run.run.sample(int(step)) else None


def controls(page_run: PageRun) -> None:
    """Play, the slider, and the film; nothing before the first picture."""
    steps = stops(page_run)
    if not steps:
        return
    words = {
        "now": t("now"),
        "step": t("step"),
        "play": t("Play"),
        "pause": t("Hold"),
        "label": t("Step shown"),
    }
    data = {"stops": steps, "place": place(page_run), "words": words}
    with row():
        with st.container(width="stretch"):
            _component(data=data, key=_key(page_run.name), on_place_change=lambda: None)
        with st.popover(t("Film"), icon=":material/movie:", key="film", type="tertiary"):
            _film(page_run, len(video.evenly_spaced(page_run.run.sample_steps())))


def _film(page_run: PageRun, pictures: int) -> None:
    per_second = st.slider(t("Pictures a second"), 2, 30, 10, key="film_speed")
    seconds = f"{pictures / per_second:.1f}"
    st.caption(t("{pictures} pictures, {seconds} s", pictures=pictures, seconds=seconds))
    look = {"kind": "secondary", "width": "stretch", "disabled": not pictures}
    for kind in FILMS:
        action(kind, "movie", _offer_film, page_run.run, kind, per_second, key=f"film {kind}", **look)


def _offer_film(run: Run, kind: str, per_second: int) -> None:
    offer(kind, run.name, lambda: FILMS[kind](video.open_pngs(_pictures(run)), per_second))
    request_page_run()


def _pictures(run: Run) -> dict[str, bytes]:
    """The film's pictures, by their files' names."""
    steps = video.evenly_spaced(run.sample_steps())
    return {f"samples/{step:08d}.png": picture for step in steps if (picture := run.sample(step))}


def _key(name: str) -> str:
    return f"time machine of {name}"
