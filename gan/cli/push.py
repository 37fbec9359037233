"""`python -m gan push`."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gan.cli.output import report, write
from gan.durable import write_whole
from gan.errors import Problem
from gan.generator.config import LICENCES
from gan.generator.folder import read_source
from gan.i18n import t
from gan.jobs import Job
from gan.runs.run import Run

if TYPE_CHECKING:
    from gan.hub.bundle import Bundle
    from gan.hub.push import PushRequest

HELP = "share a generator on the Hugging Face Hub"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    add = parser.add_argument
    add("source", metavar="SOURCE", help=t("a run, a generator folder or a .safetensors file"))
    add("repo", metavar="USER/REPO")
    add("--public", action="store_true", help=t("for everybody (default: private)"))
    add("--revision", metavar="R", help=t("a branch, made where it is missing"))
    add("--pr", action="store_true", help=t("open a pull request instead"))
    add("--message", default="", metavar="TEXT", help=t("of the commit"))
    add("--licence", default="mit", choices=LICENCES, metavar="NAME", help=", ".join(LICENCES))
    add("--whole", action="store_true", help=t("the run too, to resume it from there"))
    add("--zip", type=Path, metavar="FILE.zip", help=t("write a ZIP instead; needs no network"))
    add("--dry-run", action="store_true", help=t("only list what would be pushed"))
    add("--json", action="store_true")


def run(options: argparse.Namespace) -> None:
    """List what there is to push, and send it, or write it into a ZIP."""
    from gan.hub.bundle import zip_bundle  # imports the Hub's client
    from gan.hub.push import PushRequest

    wishes = {"revision": options.revision, "pull_request": options.pr, "message": options.message}
    request = PushRequest.checked(options.repo, private=not options.public, **wishes)
    if options.zip is not None:
        _check_new_zip(options.zip)
    bundle = _bundle(options, request)
    sizes = bundle.sizes()
    for name, size in sizes.items():
        print(f"{size:>12,}  {name}", file=sys.stderr)
    if options.dry_run:
        report(options, {"repo": request.repo_id, "files": sizes}, "")
    elif options.zip:
        write(options.zip, lambda path: write_whole(path, zip_bundle(bundle)))
        report(options, {"zip": str(options.zip), "files": sizes}, str(options.zip))
    else:
        facts = _send(bundle, request)
        report(options, facts | {"files": sizes}, facts["url"])


def _check_new_zip(path: Path) -> None:
    if path.suffix != ".zip":
        raise Problem("--zip {file} does not end in .zip.", file=path, misuse=True)
    if os.path.lexists(path):
        raise Problem("{file} exists already: name a new file.", file=path, misuse=True)


def _bundle(options: argparse.Namespace, request: "PushRequest") -> "Bundle":
    """What is to be pushed. Raises Problem, also for weights that can't be used."""
    from gan.hub.bundle import make_bundle

    run = Run(options.source)
    if options.whole and not run.exists():
        message = "--whole needs a run: {source} is a generator alone."
        raise Problem(message, source=options.source, misuse=True)
    config, weights = read_source(options.source)
    place = {"repo_id": request.repo_id, "revision": request.revision, "licence": options.licence}
    return make_bundle(config, weights, _samples(config, weights), run=run, whole=options.whole, **place)


def _samples(config: bytes, weights: bytes) -> bytes:
    """The first 25 pictures of the generator's own seed, as PNG. This checks the weights, too."""
    from gan.nets.sampling import latents_for, sample  # imports torch
    from gan.nets.weights import load_generator
    from gan.pictures.png import grid_png

    net, about = load_generator(config, weights)
    return grid_png(sample(net, latents_for(about.seed, range(25), about.latent_size)).numpy(), columns=5)


def _send(bundle: "Bundle", request: "PushRequest") -> dict[str, object]:
    """Push with the saved login; notes go to stderr. Raises Problem."""
    from gan.cli.hub import finish, needed_token
    from gan.hub.accounts import sign_in
    from gan.hub.push import push

    account = sign_in(needed_token())
    pushed = finish(Job(lambda job: push(bundle, request, account, job)))
    for note in pushed.notes:
        print(f"gan: {note}", file=sys.stderr)
    names = {"repo": "repo_id", "commit": "sha", "url": "url", "private": "private", "changed": "changed"}
    return {key: getattr(pushed, name) for key, name in names.items()}
