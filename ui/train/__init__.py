"""The Train page, a module for each of its parts."""
