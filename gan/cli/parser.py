"""The command line's parser: what each command adds to it stands beside the command."""

import argparse

from gan.cli import browse, download, pull, push, recipes, sample_parser, summary, train
from gan.i18n import t

# A command is a module with HELP, add_options(parser) and run(options); torch and the Hub's client are
# imported when it runs.
COMMANDS = {
    "recipes": recipes,
    "train": train,
    "sample": sample_parser,
    "push": push,
    "pull": pull,
    "browse": browse,
    "summary": summary,
    "download": download,
}


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="python -m gan", description=t("Train GANs and draw from them."))
    subparsers = top.add_subparsers(title=t("commands"), required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=t(command.HELP))
        command.add_options(subparser)
        subparser.set_defaults(run_command=command.run)
    return top
