"""`python -m gan pull`."""

import argparse
import os
import shutil
from contextlib import suppress
from pathlib import Path

from gan.cli.output import report
from gan.durable import writing_to
from gan.errors import Problem, os_errors_as
from gan.generator.store import write_files
from gan.i18n import t
from gan.jobs import Job
from gan.places import is_gone, real

HELP = "fetch a generator from the Hub"
CANNOT_MAKE = "{path} can't be written ({why}): name another folder."


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("repo", metavar="USER/REPO")
    parser.add_argument("--revision", metavar="R", help=t("a branch, a tag, or a whole commit hash"))
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=t("a new folder"))
    parser.add_argument("--whole", action="store_true", help=t("the whole run, ready to resume"))
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> None:
    """Fetch a generator into a new folder, or a whole run."""
    from gan.cli.hub import finish, token  # imports the Hub's client
    from gan.hub.repos import look_up, pull, pull_run

    out: Path = options.out
    with writing_to(out, CANNOT_MAKE):
        is_taken = not is_gone(out) and (out.is_symlink() or not out.is_dir() or any(out.iterdir()))
    if is_taken:
        raise Problem("{folder} is not empty: name a new folder.", folder=out, misuse=True)
    repo = look_up(options.repo, options.revision, token())
    if options.whole:
        new_run = finish(Job(lambda job: pull_run(repo, token(), real(out).parent, job)))
        _move(new_run.path, out)
    else:
        from gan.nets.weights import load_generator  # imports torch

        files = finish(Job(lambda job: pull(repo, token(), job)))
        load_generator(files["config.json"], files["model.safetensors"])
        _write_folder(out, files)
    facts = {"repo": repo.repo_id, "commit": repo.sha, "folder": str(out)}
    report(options, facts, t("{repo} at {commit} is in {folder}", **facts))


def _write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """The whole folder, or nothing of it. Raises Problem."""
    part = folder.with_name(f".{os.urandom(8).hex()}.part")  # the name itself may be as long as a name can be
    try:
        with writing_to(folder, CANNOT_MAKE):
            write_files(part, files)
            with suppress(OSError):  # not every file system knows rights
                part.chmod(0o755)
            _move(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    message = "{path} can't be made ({why}): what was pulled is in {source}."
    with os_errors_as(message, path=target, source=source):
        if target.exists():
            target.rmdir()
        source.rename(target)
