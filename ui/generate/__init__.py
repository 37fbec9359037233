"""The Generate page, a module for each of its tools."""
