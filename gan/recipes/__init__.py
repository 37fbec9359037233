"""Recipes: what to train and how."""
