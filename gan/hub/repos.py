"""Generators on the Hugging Face Hub: looked up, listed, and pulled with mistrust.

Every call is given a token or False; which one, the caller decides, and never the environment. What is cheap
is checked first: the name, the sizes that the Hub states, the config's bounds, and only then the weights,
whose tensors a worker checks (gan.nets.weights). Only the files in gan.hub.downloads.FILES are ever taken, by
exact name.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from huggingface_hub import ModelInfo, hf_hub_download
from huggingface_hub.utils import get_session
from tqdm import tqdm

from gan.errors import Problem
from gan.generator.config import MAX_CONFIG, check_parameters, check_size, max_weights, read_config
from gan.hub.bundle import RUN
from gan.hub.client import RUN_TAG, TAG, Token, api, check_repo_id, check_revision, is_repo_id, safe
from gan.hub.refusals import hub_errors
from gan.hub.transport import MAX_SILENCE, endpoint
from gan.i18n import t
from gan.jobs import Job
from gan.limits import check_space
from gan.pictures.png import MAX_PICTURE, inline_png, is_png
from gan.runs import archive
from gan.runs.run import Run

MAX_CARD = 256 * 1024  # bytes of a README.md
MAX_PRIVATE_PICTURES = 8  # of one listing
MAX_RUN = 1 << 30  # bytes of a run.zip
LISTING_LENGTH = 24  # generators in one listing


# --- what is there -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Repo:
    """A repository at one commit, as the Hub describes it: nothing of it has been downloaded."""

    repo_id: str
    sha: str
    private: bool
    tags: tuple[str, ...]
    sizes: dict[str, int]  # bytes of each file
    when: str = ""

    @property
    def has_run(self) -> bool:
        """Is there a whole run to resume?"""
        return RUN in self.sizes


def look_up(repo_id: str, revision: str | None, token: Token) -> Repo:
    """What the repository holds at a branch, tag or commit. Raises Problem."""
    repo_id, revision = check_repo_id(repo_id), check_revision(revision)
    with hub_errors(repo_id, revision=revision):
        info = api().model_info(
            repo_id, revision=revision, files_metadata=True, token=token, timeout=MAX_SILENCE
        )
        names = [file.rfilename for file in info.siblings or []]
        if len(names) != len(set(names)):
            raise Problem("{repo} lists a file twice: it can't be trusted.", repo=repo_id)
        sizes = {file.rfilename: int(file.size or 0) for file in info.siblings or []}
        when = info.last_modified.strftime("%Y-%m-%d %H:%M") if info.last_modified else ""
        return Repo(repo_id, str(info.sha), bool(info.private), tuple(info.tags or ()), sizes, when)


@dataclass(frozen=True)
class RepoListing:
    """A generator in a listing."""

    repo_id: str
    sha: str
    private: bool
    about: str  # recipe and data, as its tags tell
    when: str
    downloads: int
    has_run: bool  # says that its whole run is there, too
    picture: str  # where its samples are: an address, for a private one a data URI; empty where it has none


def browse(token: Token, search: str = "", limit: int = LISTING_LENGTH) -> list[RepoListing]:
    """Generators made with this program, the last changed first. Raises Problem."""
    with hub_errors():
        models = api().list_models(
            filter=TAG,
            search=search.strip()[:80] or None,
            sort="last_modified",
            limit=limit,
            expand=["sha", "lastModified", "tags", "downloads", "private"],
            token=token,
        )
        listings = [_listing(model) for model in models if is_repo_id(str(model.id))]
    return _with_private_pictures(listings, token)


def _listing(model: ModelInfo) -> RepoListing:
    usual = (TAG, RUN_TAG, "gan", "pytorch")
    own = [tag for tag in model.tags or [] if tag not in usual and ":" not in tag]
    return RepoListing(
        repo_id=str(model.id),
        sha=str(model.sha),
        private=bool(model.private),
        about=" · ".join(safe(tag, 40) for tag in own[:2]),
        when=model.last_modified.strftime("%Y-%m-%d") if model.last_modified else "",
        downloads=int(model.downloads or 0),
        has_run=RUN_TAG in (model.tags or []),
        picture=f"{endpoint()}/{model.id}/resolve/{model.sha}/samples.png",
    )


def _with_private_pictures(listings: list[RepoListing], token: Token) -> list[RepoListing]:
    """The listings with the first few private pictures; where one takes too long, the rest is left out."""
    private = [listing for listing in listings if listing.private]
    pictures = {listing.repo_id: "" for listing in private}
    with suppress(Problem), hub_errors():
        for listing in private[:MAX_PRIVATE_PICTURES]:
            pictures[listing.repo_id] = _inline(listing.picture, token)
    return [replace(listing, picture=pictures.get(listing.repo_id, listing.picture)) for listing in listings]


def _inline(address: str, token: Token) -> str:
    """A private picture as a data URI, since the visitor's browser has no token to fetch it with; empty
    where it is no PNG of a sensible size. It is not decoded here.
    """
    pieces, size = [], 0
    with get_session().stream("GET", address, headers=_bearer(token)) as answer:
        for piece in answer.iter_bytes() if answer.status_code == 200 else ():
            pieces.append(piece)
            size += len(piece)
            if size > MAX_PICTURE:
                return ""
    content = b"".join(pieces)
    return inline_png(content) if is_png(content[:24]) else ""


def _bearer(token: Token) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


# --- down --------------------------------------------------------------------------------------------


def pull(repo: Repo, token: Token, job: Job) -> dict[str, bytes]:
    """The contents of a generator's files: config.json and model.safetensors, checked as far as that goes
    without torch, and its card and pictures where their size is sensible. Raises Problem, Cancelled.
    """
    for name, most in (("config.json", MAX_CONFIG), ("model.safetensors", max_weights())):
        if name not in repo.sizes:
            sentence = "{repo} has no {file}: it is no generator of this program."
            raise Problem(sentence, repo=repo.repo_id, file=name)
        check_size(name, repo.sizes[name], most)
    files = {}
    with _private_folder() as folder:
        files["config.json"] = _download(repo, "config.json", token, folder, job).read_bytes()
        check_parameters(read_config(files["config.json"]), repo.sizes["model.safetensors"])
        extras = {"README.md": MAX_CARD, "samples.png": MAX_PICTURE, "curves.png": MAX_PICTURE}
        for name, most in extras.items():
            if 0 < repo.sizes.get(name, 0) <= most:
                files[name] = _download(repo, name, token, folder, job).read_bytes()
        files["model.safetensors"] = _download(repo, "model.safetensors", token, folder, job).read_bytes()
    return files


def pull_run(repo: Repo, token: Token, home: Path, job: Job) -> Run:
    """A whole run as a new one under a runs folder, ready to resume. Raises Problem, Cancelled."""
    if not repo.has_run:
        sentence = "{repo} holds a generator, but no run to resume: pull the generator."
        raise Problem(sentence, repo=repo.repo_id)
    check_size(RUN, repo.sizes[RUN], MAX_RUN)
    check_space(home, repo.sizes[RUN])
    with _private_folder() as folder:
        packed = _download(repo, RUN, token, folder, job)
        job.tell(t("Unpacking"))
        job.settle()
        with open(packed, "rb") as file:
            return archive.unpack(home, file, f"{repo.repo_id.split('/')[-1]}.zip")


@contextmanager
def _private_folder() -> Iterator[Path]:
    with hub_errors(), TemporaryDirectory(prefix="gan-pull-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _download(repo: Repo, name: str, token: Token, folder: Path, job: Job) -> Path:
    """One file at the repository's commit, never more of it than the Hub has said."""
    size = repo.sizes[name]
    job.tell(name, total=size)

    class Meter(tqdm):
        """Counts what comes, shows nothing."""

        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options | {"disable": True})
            self.received = 0

        def update(self, n: float | None = 1) -> None:
            self.received += int(n or 0)
            if self.received > size:
                sentence = "{file} of {repo} is larger than the Hub says: it can't be trusted."
                raise Problem(sentence, file=name, repo=repo.repo_id)
            job.advance(int(n or 0))

    with hub_errors(repo.repo_id, name, repo.sha):
        path = hf_hub_download(
            repo.repo_id,
            name,
            revision=repo.sha,
            token=token,
            cache_dir=folder,
            endpoint=endpoint(),
            etag_timeout=MAX_SILENCE,
            tqdm_class=Meter,
        )
    if os.path.getsize(path) != size:
        sentence = "{file} of {repo} is not of the size the Hub says: try again, or don't trust it."
        raise Problem(sentence, file=name, repo=repo.repo_id)
    return Path(path)
