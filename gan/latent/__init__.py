"""Latents as people name them: seeds, points, views, addresses, files. No torch."""
