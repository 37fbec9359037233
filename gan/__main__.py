"""The command line: `python -m gan …`, the same runs without a browser.

Exit status 0: done; 1: failed, with one sentence on stderr; 2: wrong use.
"""

import os
import sys

from gan.cli.parser import parser
from gan.errors import Problem, explain
from gan.i18n import t
from gan.jobs import MEMORY_FULL


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = parser().parse_args(arguments)
    try:
        return options.run_command(options) or 0
    except Problem as problem:
        return _say(problem)
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        return _say(explain(error, MEMORY_FULL))
    except KeyboardInterrupt:
        print(t("gan: interrupted"), file=sys.stderr)
        return 130


def _say(problem: Problem) -> int:
    print(f"gan: {problem}", file=sys.stderr)
    return 2 if problem.misuse else 1


if __name__ == "__main__":
    sys.exit(main())
