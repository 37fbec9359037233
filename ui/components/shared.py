"""What our own components in the browser share: how a slider looks, how often it speaks, how something is
played.
"""

RANGE = """
.gan-range { appearance: none; -webkit-appearance: none; height: 4px; border-radius: 2px; min-width: 0;
  background: var(--st-border-color, #ccc); cursor: pointer; margin: 0.5rem 0; }
.gan-range::-webkit-slider-thumb { appearance: none; -webkit-appearance: none; width: 14px; height: 14px;
  border-radius: 50%; background: var(--st-primary-color); }
.gan-range::-moz-range-thumb { width: 14px; height: 14px; border: 0; border-radius: 50%;
  background: var(--st-primary-color); }
.gan-range:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 5px; }
"""  # how every range input looks, in both themes

PACED = """
const PAUSE = 40;  // milliseconds between two places that are told while one drags
const ECHO = 700;  // milliseconds in which what comes back may be older than what is shown
// say it now, or when the pause since the last time is over; what was to be said meanwhile is not
const paced = (box, say) => {
  clearTimeout(box.later);
  const speak = () => { box.told = performance.now(); say(); };
  const wait = PAUSE - (performance.now() - (box.told || 0));
  if (wait <= 0) speak(); else box.later = setTimeout(speak, wait);
};
"""

PLAYER = """
// a button that plays, a slider, and where it is
const PLAYER = '<button type="button"></button>'
  + '<input class="gan-range" type="range" min="0"><b aria-hidden="true"></b>';
// what the slider's place is called, and what the button would do; a screen reader gets both with them alone
const tellPlayer = ([button, slider, told], place, playing, words) => {
  told.textContent = place;
  slider.setAttribute("aria-valuetext", place);
  button.textContent = playing ? "pause" : "play_arrow";
  button.setAttribute("aria-label", playing ? words.pause : words.play);
  button.title = button.getAttribute("aria-label");
};
// who comes to the slider by the keyboard wants to step; a screen reader would read out all that passes
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
"""  # how it looks
