"""The colours that stand for the same thing on every page, chart and picture."""

GENERATOR, DISCRIMINATOR, REAL, GREY = "#E8590C", "#1971C2", "#0CA678", "#868E96"
