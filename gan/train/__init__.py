"""The game itself: one round, and bounded slices of many. It knows no folder."""
