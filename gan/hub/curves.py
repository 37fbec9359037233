"""A run's losses and accuracy as one picture for its card: the live charts (gan.charts), standing still."""

from io import BytesIO

from matplotlib.figure import Figure

from gan.charts import curves
from gan.i18n import t
from gan.pictures import colours
from gan.runs.history import HistorySummary

WIDTH, HEIGHT, DPI = 9.0, 2.8, 110  # inches, inches, dots an inch


def curves_png(summary: HistorySummary) -> bytes:
    """Both charts side by side as a PNG, for a light and for a dark page alike."""
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, layout="constrained", facecolor="white")
    titles = (t("Losses"), t("Accuracy of D"))
    for axes, chart, title in zip(
        figure.subplots(1, 2), (curves.losses(summary), curves.accuracy(summary)), titles, strict=True
    ):
        for line in chart["data"]:
            strong = line["line"]["width"] > 1
            axes.plot(
                line["x"],
                line["y"],
                color=line["line"]["color"],
                alpha=1 if strong else 0.22,
                linewidth=1.6 if strong else 0.7,
                label=line["name"] if strong else None,
            )
        axes.set_title(title, fontsize=9, loc="left")
        axes.set_xlabel(t("step"), fontsize=8)
        axes.set_ylim(0, chart["layout"]["yaxis"].get("autorangeoptions", {}).get("clipmax"))
        axes.tick_params(labelsize=8)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(fontsize=8, frameon=False)
    figure.axes[1].axhline(0.5, color=colours.GREY, linewidth=0.8, linestyle="--")
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
