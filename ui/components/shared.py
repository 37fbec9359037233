"""JavaScript and CSS that several of our own components use."""

RANGE = """
.gan-range { appearance: none; -webkit-appearance: none; height: 4px; border-radius: 2px; min-width: 0;
  background: var(--st-border-color, #ccc); cursor: pointer; margin: 0.5rem 0; }
.gan-range::-webkit-slider-thumb { appearance: none; -webkit-appearance: none; width: 14px; height: 14px;
  border-radius: 50%; background: var(--st-primary-color); }
.gan-range::-moz-range-thumb { width: 14px; height: 14px; border: 0; border-radius: 50%;
  background: var(--st-primary-color); }
.gan-range:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 5px; }
"""  # the look of every range input, in both themes

PACED = """
const PAUSE = 40;  // milliseconds between two messages during a drag
const ECHO = 700;  // milliseconds after a move in which the server may still send an older value
// call `send` now, or when the pause after the last message is over; only the latest call counts
const paced = (box, send) => {
  clearTimeout(box.later);
  const sendNow = () => { box.sent = performance.now(); send(); };
  const wait = PAUSE - (performance.now() - (box.sent || 0));
  if (wait <= 0) sendNow(); else box.later = setTimeout(sendNow, wait);
};
"""  # messages of something that is dragged, at a bearable pace

PLAYER = """
// Play, a slider, and its place as text
const PLAYER = '<button type="button"></button>'
  + '<input class="gan-range" type="range" min="0"><b aria-hidden="true"></b>';
// Show the place as text and what the button would do. Screen readers get both from slider and button.
const showPlayer = ([button, slider, text], place, playing, words) => {
  text.textContent = place;
  slider.setAttribute("aria-valuetext", place);
  button.textContent = playing ? "pause" : "play_arrow";
  button.setAttribute("aria-label", playing ? words.pause : words.play);
  button.title = button.getAttribute("aria-label");
};
// Stop playing when the slider is reached by the keyboard: a screen reader would read out every step.
const holdForKeys = (slider, hold) => {
  slider.onfocus = () => { if (slider.matches(":focus-visible")) hold(); };
};
"""

PLAYED = """
.gan-played { display: flex; align-items: center; gap: 0.6rem; height: 2.5rem;
  font-size: 0.85rem; color: var(--st-gray-text-color, inherit); }
.gan-played input { flex: 1; }
.gan-played b { font-weight: inherit; min-width: 5.2rem; text-align: right;
  font-variant-numeric: tabular-nums; }
.gan-played button { border: 0; background: none; color: inherit; cursor: pointer; padding: 0;
  font: 1.5rem/1 "Material Symbols Rounded"; }
"""  # the look of a player
