"""The generator that the page looks into."""

from dataclasses import dataclass
from pathlib import Path

from gan.generator.config import GeneratorConfig
from gan.generator.folder import GeneratorFiles


@dataclass(frozen=True)
class GeneratorChoice:
    """A generator to look into. `source` names it in addresses; saved directions lie in `folder`."""

    source: str
    weights: GeneratorFiles
    config: GeneratorConfig
    folder: Path

    @property
    def name(self) -> str:
        """What files are called after it."""
        return self.source.split("@")[0].split(":")[-1].split("/")[-1] or "generator"
