"""A run in training: the loop, its saves and edits."""
