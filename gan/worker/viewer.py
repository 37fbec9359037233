"""What the viewer's process knows: the generators and the data set used last, and who answers a question."""

from collections import OrderedDict
from functools import lru_cache

from gan.control.questions import Answer, Question
from gan.data.images import load
from gan.evaluate import answers as evaluate
from gan.explore import answers as explore
from gan.explore.answers import Reports
from gan.explore.explorer import Explorer
from gan.nets.weights import load_generator

GENERATORS = 4  # that a viewer keeps
ANSWERS = explore.ANSWERS | evaluate.ANSWERS


class Viewer:
    """Generators by their keys, the newest few, and the answers about them."""

    def __init__(self) -> None:
        self._generators: OrderedDict[str, Explorer] = OrderedDict()
        self._load_images = lru_cache(maxsize=2)(load)

    def load(self, key: str, config: bytes, weights: bytes, raw: bool) -> None:
        """Check a generator and keep it; the one unused for longest leaves. Raises Problem."""
        self._generators[key] = Explorer(load_generator(config, weights, raw), self._load_images)
        while len(self._generators) > GENERATORS:
            self._generators.popitem(last=False)

    def answer(self, question: Question, key: str | None) -> Answer | Reports:
        """The answer about the generator of that key; of what takes its time, the work itself. Raises
        Problem, and UnknownGenerator.
        """
        if key is not None and key not in self._generators:
            raise UnknownGenerator
        if key is not None:
            self._generators.move_to_end(key)
        return ANSWERS[type(question)](question, self._generators.get(key))


class UnknownGenerator(Exception):
    """The viewer was not given this generator, or has forgotten it."""
