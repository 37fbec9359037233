"""A run is a folder; everything that reads or changes one is here."""
