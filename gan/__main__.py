"""The command line: `python -m gan …`, the same runs without a browser.

Exit status 0: done; 1: failed, with one sentence on stderr; 2: wrong use.
"""

import sys

from gan import streams
from gan.cli.parser import parser
from gan.errors import Problem, explain, reason
from gan.i18n import t
from gan.jobs import MEMORY_FULL


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = parser().parse_args(arguments)
    try:
        return options.run_command(options) or 0
    except Problem as problem:
        print(f"gan: {problem}", file=sys.stderr)
        return 2 if problem.misuse else 1
    except KeyboardInterrupt:
        print(t("gan: interrupted"), file=sys.stderr)
        return 130
    except Exception as error:
        if sys.flags.dev_mode:  # `python -X dev -m gan …` shows where it happened
            raise
        print(f"gan: {explain(error, MEMORY_FULL)}", file=sys.stderr)
        return 1


def program(arguments: list[str] | None = None) -> int:
    """The same as a program of its own: the work is done whatever becomes of its output, and the status tells
    where standard output was asked for and lost.
    """
    streams.protect()
    try:
        status = main(arguments)
    except SystemExit as end:  # argparse's way
        status = int(end.code or 0)
    if refusal := streams.finish():
        why = reason(refusal) if isinstance(refusal, OSError) else refusal
        message = "gan: standard output can't be written ({why}): what it should have shown is lost"
        print(t(message, why=why), file=sys.stderr, flush=True)
        status = status or 1
    return status


if __name__ == "__main__":
    sys.exit(program())
