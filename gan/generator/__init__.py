"""A trained generator's files: its config, its folder, those that were looked at last."""
