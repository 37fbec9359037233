"""`python -m gan browse`."""

import argparse
import json
import sys

from gan.cli.values import whole
from gan.i18n import t

HELP = "list the generators on the Hub"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("--search", default="", metavar="TEXT")
    parser.add_argument("--limit", type=whole(1, 200), default=24, metavar="N")
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> None:
    """Print a line for each generator, or one JSON list."""
    from gan.cli.hub import token  # imports the Hub's client
    from gan.hub.repos import browse

    listings = browse(token(), options.search, options.limit)
    if options.json:
        names = {"repo": "repo_id", "commit": "sha", "private": "private", "about": "about", "date": "when"}
        print(json.dumps([{key: getattr(it, name) for key, name in names.items()} for it in listings]))
        return
    for listing in listings:
        private = t(" (private)") if listing.private else ""
        print(f"{listing.repo_id}{private}  {listing.about}  {listing.when}")
    if not listings:
        print(t("gan: the Hub has no generator like that"), file=sys.stderr)
