"""The Hub on the command line: push, pull, browse. The token is HF_TOKEN's or the saved login's."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from gan.durable import write_whole
from gan.errors import Problem
from gan.generator.folder import read_source
from gan.generator.store import write_files
from gan.hub.accounts import saved_login, sign_in
from gan.hub.bundle import make_parcel, zip_parcel
from gan.hub.client import Token
from gan.hub.downloads import only_ours
from gan.hub.push import Order
from gan.hub.push import push as push_parcel
from gan.hub.repos import RepoListing, look_up
from gan.hub.repos import browse as list_generators
from gan.hub.repos import pull as pull_files
from gan.hub.repos import pull_run as pull_whole_run
from gan.i18n import t
from gan.jobs import Job
from gan.runs.run import Run


def push(options: argparse.Namespace) -> None:
    """Make the parcel, list it, and send it, or write it into a ZIP."""
    order = Order.checked(
        options.repo,
        private=not options.public,
        revision=options.revision,
        pull_request=options.pr,
        message=options.message,
    )
    if options.zip is not None:
        _check_new_zip(Path(options.zip))
    run = Run(options.source)
    if options.whole and not run.exists():
        raise Problem(
            "--whole needs a run: {source} is a generator alone.", source=options.source, misuse=True
        )
    config, weights = read_source(options.source)
    parcel = make_parcel(
        config,
        weights,
        _samples(config, weights),
        order.repo_id,
        options.licence,
        order.revision,
        run,
        options.whole,
    )
    sizes = parcel.sizes()
    for name, size in sizes.items():
        print(f"{size:>12,}  {name}", file=sys.stderr)
    if options.dry_run:
        _report({"repo": order.repo_id, "files": sizes}, options, "")
    elif options.zip:
        _write_zip(Path(options.zip), zip_parcel(parcel))
        _report({"zip": str(options.zip), "files": sizes}, options, str(options.zip))
    else:
        account = sign_in(_needed_token())
        pushed = _finish(Job(lambda job: push_parcel(parcel, order, account, job)))
        facts = {"repo": pushed.repo_id, "commit": pushed.sha, "url": pushed.url, "private": pushed.private}
        facts |= {"changed": pushed.changed}
        for note in pushed.notes:
            print(f"gan: {note}", file=sys.stderr)
        _report(facts | {"files": sizes}, options, pushed.url)


def pull(options: argparse.Namespace) -> None:
    """A generator into a new folder, or a whole run."""
    taken = os.path.lexists(options.out)
    if taken and (options.out.is_symlink() or not options.out.is_dir() or any(options.out.iterdir())):
        raise Problem("{folder} is not empty: name a new folder.", folder=options.out, misuse=True)
    found = look_up(options.repo, options.revision, _token())
    if options.whole:
        home = options.out.resolve().parent
        run = _finish(Job(lambda job: pull_whole_run(found, _token(), home, job)))
        _move(run.path, options.out)
    else:
        from gan.nets.weights import load_generator

        files = _finish(Job(lambda job: pull_files(found, _token(), job)))
        load_generator(files["config.json"], files["model.safetensors"])
        _write_folder(options.out, files)
    facts = {"repo": found.repo_id, "commit": found.sha, "folder": str(options.out)}
    _report(facts, options, t("{repo} at {commit} is in {folder}", **facts))


def fetch(source: str) -> dict[str, bytes]:
    """A generator's files from `USER/REPO`, or `USER/REPO@REVISION`."""
    repo, _, revision = source.partition("@")
    found = look_up(repo, revision, _token())
    return _finish(Job(lambda job: pull_files(found, _token(), job)))


def browse(options: argparse.Namespace) -> None:
    """A line for each."""
    found = list_generators(_token(), options.search, options.limit)
    if options.json:
        print(json.dumps([_as_json(one) for one in found]))
        return
    for one in found:
        private = t(" (private)") if one.private else ""
        print(f"{one.repo_id}{private}  {one.about}  {one.when}")
    if not found:
        print(t("gan: the Hub has no generator like that"), file=sys.stderr)


def _as_json(one: RepoListing) -> dict:
    return {
        "repo": one.repo_id,
        "commit": one.sha,
        "private": one.private,
        "about": one.about,
        "date": one.when,
    }


def _token() -> Token:
    login = saved_login()
    return login.get_secret_value() if login else False


def _needed_token() -> str:
    if token := _token():
        return token
    raise Problem(
        "Nobody is signed in to the Hub: run `hf auth login`, or set HF_TOKEN to a token that may write."
    )


def _samples(config: bytes, weights: bytes) -> bytes:
    """The first 25 pictures of the generator's own seed, as PNG. This checks the weights, too."""
    from gan.nets.sampling import latents_for, sample
    from gan.nets.weights import load_generator
    from gan.pictures.png import grid_png

    net, about = load_generator(config, weights)
    return grid_png(sample(net, latents_for(about.seed, range(25), about.latent_size)).numpy(), columns=5)


def _finish(job: Job) -> object:
    """Wait for a job with a bar where stderr is a terminal. Raises Problem."""
    from tqdm import tqdm

    with tqdm(disable=not sys.stderr.isatty(), unit="B", unit_scale=True) as bar:
        try:
            while job.state == "running":
                job.wait(0.1)
                bar.set_description(job.stage, refresh=False)
                bar.total, bar.n = job.total or None, job.done
                bar.refresh()
        except KeyboardInterrupt:
            job.cancel()
            if job.state != "running":
                raise
            print(t("gan: too late to cancel; waiting for the end"), file=sys.stderr)
            job.wait()
    if job.state == "failed":
        raise Problem("{problem}", problem=job.problem)
    return job.result


def _check_new_zip(path: Path) -> None:
    if path.suffix != ".zip":
        raise Problem("--zip {file} does not end in .zip.", file=path, misuse=True)
    if os.path.lexists(path):
        raise Problem("{file} exists already: name a new file.", file=path, misuse=True)


def _write_zip(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        raise Problem("{file} can't be written: {why}.", file=path, why=error.strerror) from None


def _write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """The whole folder, or nothing of it."""
    rough = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        write_files(rough, only_ours(files))
        rough.chmod(0o755)
        _move(rough, folder)
    except OSError as error:
        raise Problem("{folder} can't be written: {why}.", folder=folder, why=error.strerror) from None
    finally:
        shutil.rmtree(rough, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    try:
        if target.exists():
            target.rmdir()
        source.rename(target)
    except OSError as error:
        message = "{folder} can't be made ({why}): what was pulled is in {source}."
        raise Problem(message, folder=target, why=error.strerror, source=source) from None


def _report(told: dict, options: argparse.Namespace, line: str) -> None:
    if options.json or line:
        print(json.dumps(told) if options.json else line)
