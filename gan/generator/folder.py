"""A generator's two files as bytes, read from a folder. No torch."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from gan.errors import CANNOT_READ, Problem, os_errors_as
from gan.generator.config import MAX_CONFIG, check_size, max_weights
from gan.places import is_file


def read_source(source: str | Path) -> tuple[bytes, bytes]:
    """The two files' contents from a run folder, a generator folder or a `.safetensors` beside its
    `config.json`.

    Raises Problem where one is missing or larger than any generator's can be.
    """
    path = Path(source)
    weights = path if path.suffix == ".safetensors" else path / "model.safetensors"
    config = weights.with_name("config.json")
    for file, limit in ((config, MAX_CONFIG), (weights, max_weights())):
        if not is_file(file):
            cure = _cure_for_missing(path)
            raise Problem("There is no {file}: {cure}", file=file, cure=cure)
        check_size(file.name, file.stat().st_size, limit)
    with os_errors_as(CANNOT_READ):
        return config.read_bytes(), weights.read_bytes()


def _cure_for_missing(path: Path) -> str:
    if is_file(path / "run.json"):
        return "the run has not been saved yet, train it a little longer."
    return "name a run folder, a generator folder, or a .safetensors file beside its config.json."


@dataclass(frozen=True)
class GeneratorFiles:
    """A generator as its two files' contents; `key` is what a viewer knows it by. Where it has averaged
    weights, those are meant unless it is `raw`.
    """

    key: str
    config: bytes
    tensors: bytes
    raw: bool = False

    def as_raw(self) -> "GeneratorFiles":
        """The same generator without its average."""
        return replace(self, key=f"{self.key}-raw", raw=True)

    @classmethod
    def of(cls, config: bytes, tensors: bytes) -> "GeneratorFiles":
        """Under the key that is these contents' own."""
        digest = hashlib.sha256(config)
        digest.update(tensors)
        return cls(digest.hexdigest(), config, tensors)
