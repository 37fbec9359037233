"""Judging a generator: the training pictures nearest to its own."""
