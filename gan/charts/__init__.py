"""Plotly figures as dictionaries: of a run's history, and of a search for a latent."""
