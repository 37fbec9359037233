"""What the documents name is there: files, links, commands, settings."""

import re
import shlex
from pathlib import Path

import pytest

from docs.wings import HOUSE
from gan.cli.parser import parser

DOCUMENTS = [*HOUSE.glob("*.md"), *HOUSE.glob("docs/*.md")]
COMMAND = re.compile(r"^(?:\w+=\S+ )*python -m gan (.+)$", re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_leads_to_a_file(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text())
    here = [link for link in links if "://" not in link]
    assert not [link for link in here if not (document.parent / link).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_file_that_is_named_with_its_folder_is_there(document: Path) -> None:
    named = re.findall(r"`((?:gan|ui|pages|tests|docs|bench|space)/[\w./-]*)`", document.read_text())
    named += re.findall(r"pytest (?:-q )?(tests/[\w./-]+)", document.read_text())
    assert not [name for name in named if not (HOUSE / name).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_the_command_line_takes_every_command_that_is_shown(document: Path) -> None:
    for command in COMMAND.findall(document.read_text()):
        parser().parse_args(shlex.split(command, comments=True))  # exits where it does not


def test_the_commands_are_found_at_all() -> None:
    assert len(COMMAND.findall((HOUSE / "docs" / "command-line.md").read_text())) > 15


def test_every_setting_that_is_named_is_read_somewhere() -> None:
    code = "".join(file.read_text() for top in ("gan", "ui", "space") for file in (HOUSE / top).rglob("*.py"))
    named = set(re.findall(r"`(GAN_[A-Z_]+)`", "".join(each.read_text() for each in DOCUMENTS)))
    assert len(named) > 8 and not {name for name in named if name not in code}
