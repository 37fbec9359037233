"""The Generate page, part by part: sources, seeds, pictures, sliders, and the tools below them."""
