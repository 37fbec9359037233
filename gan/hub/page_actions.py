"""What the Hub page does behind its buttons: the rest of this package, with the app's own viewer to check."""

import threading
from pathlib import Path
from time import monotonic

from gan.control.questions import Sample
from gan.control.supervisor import supervisor
from gan.generator.config import read_config
from gan.generator.folder import GeneratorFiles, read_source
from gan.hub.bundle import Bundle, make_bundle
from gan.hub.client import Token, endpoint
from gan.hub.downloads import DownloadedGenerator, keep_download
from gan.hub.repos import RepoListing, browse, look_up, pull, pull_run
from gan.i18n import t
from gan.jobs import Job
from gan.latent.view import View
from gan.limits import check_space
from gan.runs.run import Run

FRESH = 60.0  # seconds an anonymous listing is shown again: all visitors share one rate limit

_listings: dict[tuple[str, str], tuple[float, list[RepoListing]]] = {}
_lock = threading.Lock()


def parcel_of(
    run: Run, repo_id: str, licence: str = "mit", revision: str | None = None, whole: bool = False
) -> Bundle:
    """A run's generator as it was saved last, ready to push. The viewer checks it and draws its samples.
    Raises Problem.
    """
    config, tensors = read_source(run.path)
    seed = read_config(config).seed
    question = Sample(view=View(seeds=str(seed), count=25), scale=4)
    samples = supervisor.viewers.ask(question, GeneratorFiles.of(config, tensors)).picture
    return make_bundle(config, tensors, samples, repo_id, licence, revision, run, whole)


def pull_generator(
    repo_id: str, revision: str | None, token: Token, home: Path, job: Job
) -> DownloadedGenerator:
    """A generator from the Hub onto the visitor's shelf, once the viewer has drawn from it. Raises Problem;
    nothing is kept then.
    """
    found = look_up(repo_id, revision, token)
    check_space(home, max(0, found.sizes.get("model.safetensors", 0)))
    files = pull(found, token, job)
    weights = GeneratorFiles.of(files["config.json"], files["model.safetensors"])
    job.tell(t("Looking into it"))
    supervisor.viewers.ask(Sample(view=View(count=1)), weights)
    check_space(home, sum(map(len, files.values())))
    job.settle()
    return keep_download(home, found.repo_id, found.sha, found.private, files)


def pull_whole_run(repo_id: str, revision: str | None, token: Token, home: Path, job: Job) -> Run:
    """A run from the Hub among the visitor's own. Raises Problem."""
    return pull_run(look_up(repo_id, revision, token), token, home, job)


def listing(token: Token, search: str) -> list[RepoListing]:
    """Generators on the Hub. What is public to all is asked for once a minute. Raises Problem."""
    if token is not False:
        return browse(token, search)
    key = (endpoint(), search)
    with _lock:
        when, found = _listings.get(key, (0.0, []))
    if not when or monotonic() - when > FRESH:
        found = browse(False, search)
        with _lock:
            _listings[key] = (monotonic(), found)
            while len(_listings) > 50:
                _listings.pop(next(iter(_listings)))
    return found
