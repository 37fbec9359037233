"""A Plotly chart that keeps its zoom, its hover and its place in the page while new points arrive.

`st.plotly_chart` makes a new plot whenever its figure changes, at every new point. Here a component with a
constant key calls `Plotly.react` on the plot that is there. The script is the one inside the installed plotly
package, served from `static/`; nothing is fetched from elsewhere.
"""

import logging
import shutil
from functools import cache
from importlib.resources import files

import streamlit as st

from ui import STATIC

JS = """
let loading = null;
function plotly() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  loading = loading || new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = "app/static/plotly.min.js";
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { loading = null; resolve(null); };  // the next refresh tries again
    document.head.appendChild(script);
  });
  return loading;
}
export default function ({ data, parentElement }) {
  let plot = parentElement.querySelector(".gan-chart");
  if (!plot) {
    plot = document.createElement("div");
    plot.className = "gan-chart";
    plot.setAttribute("role", "img");
    plot.style.height = data.figure.layout.height + "px";
    parentElement.appendChild(plot);
    new ResizeObserver(() => {
      if (window.Plotly && plot.data && plot.offsetWidth) window.Plotly.Plots.resize(plot);
    }).observe(plot);
  }
  plot.setAttribute("aria-label", data.alt);
  plotly().then((Plotly) => {
    if (!Plotly) return;
    const css = getComputedStyle(parentElement);
    const colour = (name, otherwise) => css.getPropertyValue(name).trim() || otherwise;
    const { data: lines, layout } = data.figure;
    layout.font.color = colour("--st-gray-text-color", "#868E96");
    layout.yaxis.gridcolor = colour("--st-border-color", "#DEE2E6");
    layout.hoverlabel = { bgcolor: colour("--st-background-color", "#FFFFFF"),
                          font: { color: colour("--st-text-color", "#212529") } };
    Plotly.react(plot, lines, layout, { displayModeBar: false });
  });
}
"""

_component = st.components.v2.component("gan_live_chart", js=JS, isolate_styles=False)


@cache
def script_is_served() -> bool:
    """Copy the installed plotly's script to `static/plotly.min.js`; False where that can't be written."""
    ours, theirs = STATIC / "plotly.min.js", files("plotly") / "package_data" / "plotly.min.js"
    try:
        if not ours.exists() or ours.stat().st_size != theirs.stat().st_size:
            STATIC.mkdir(exist_ok=True)
            shutil.copyfile(theirs, ours)
        return True
    except OSError as error:
        logging.getLogger(__name__).warning("Charts lose their zoom at each refresh: %s", error)
        return False


def live_chart(figure: dict, key: str, alt: str) -> None:
    """Draw or update the chart of that key. `alt` says what the Plotly figure shows."""
    if script_is_served():
        _component(data={"figure": figure, "alt": alt}, key=key)
    else:
        st.plotly_chart(figure, key=f"{key}-still", config={"displayModeBar": False}, alt=alt)


if __name__ == "__main__":  # `make install`
    script_is_served()
