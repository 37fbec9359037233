"""What several of our own components use: JavaScript, CSS, the numbers of their messages."""

RANGE = """
.gan-range { appearance: none; -webkit-appearance: none; height: 4px; border-radius: 2px; min-width: 0;
  background: var(--st-border-color, #ccc); cursor: pointer; margin: 0.5rem 0; }
.gan-range::-webkit-slider-thumb { appearance: none; -webkit-appearance: none; width: 14px; height: 14px;
  border-radius: 50%; background: var(--st-primary-color); }
.gan-range::-moz-range-thumb { width: 14px; height: 14px; border: 0; border-radius: 50%;
  background: var(--st-primary-color); }
.gan-range:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 5px; }
"""  # the look of every range input, in both themes

NUMBERED = """
// Messages have numbers, and the server tells the last one it has heard (`heard`): what it says before it has
// heard the last one is old, and must not undo what the user did since. Call this first of all.
const hear = (box, heard) => {
  if (!(heard >= box.heard)) box.count = heard;  // a new element, or a server that begins anew
  box.heard = heard;
};
const isAnswered = (box) => !box.waits && box.heard >= box.count;
"""

PACED = (
    NUMBERED
    + """
const PAUSE = 40;  // milliseconds between two messages during a drag
// call `send` with the message's number, now or after the pause; only the latest call counts
const paced = (box, send) => {
  clearTimeout(box.later);
  box.waits = true;
  const sendNow = () => { box.waits = false; box.sent = performance.now(); send(++box.count); };
  const wait = PAUSE - (performance.now() - (box.sent || 0));
  if (wait <= 0) sendNow(); else box.later = setTimeout(sendNow, wait);
};
"""
)  # messages of something that is dragged, at a bearable pace

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


def number_of(message: object) -> int:
    """The number of a component's message; 0 where there is none yet."""
    number = message.get("number") if isinstance(message, dict) else None
    return number if isinstance(number, int) else 0
