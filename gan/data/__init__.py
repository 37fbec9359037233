"""Data sets: which there are, their images, and batches of them."""
