"""The command line's parser: it is there at once, and every command stands beside its own options."""

import subprocess
import sys

from bench.browser import HOUSE
from gan.cli.parser import COMMANDS

HELP_AND_MODULES = """
import sys
from gan.__main__ import main
try:
    main(["--help"])
finally:
    print("MODULES", *sys.modules)
"""


def test_help_names_every_command_and_waits_for_no_large_package() -> None:
    result = subprocess.run(
        [sys.executable, "-c", HELP_AND_MODULES], cwd=HOUSE, capture_output=True, text=True, check=False
    )
    text, _, modules = result.stdout.partition("MODULES")
    assert result.returncode == 0, result.stderr
    assert all(f"    {name} " in text for name in COMMANDS)
    assert not {"torch", "torchvision", "huggingface_hub", "PIL", "streamlit"} & set(modules.split())
