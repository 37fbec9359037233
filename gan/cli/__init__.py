"""The command line, `python -m gan`: one module a command."""
