"""Points of what is shown: what a click on a picture takes hold of."""

from gan.control.supervisor import studio
from gan.i18n import t
from gan.latent.view import Look
from ui.generate.chosen import Chosen
from ui.generate.directions import points_of
from ui.generate.state import look


def plain_point(chosen: Chosen, index: int) -> str:
    """The point of picture `index` before any slider touches it. Raises Problem."""
    shown = look().unedited()
    return shown.point(index) or all_points(chosen, shown)[index]


def edited_point(chosen: Chosen, index: int) -> str:
    """The point of picture `index` as it is shown. Raises Problem."""
    return look().point(index) or all_points(chosen, look())[index]


def all_points(chosen: Chosen, shown: Look) -> list[str]:
    """Explicit points of all pictures, as they are shown. Raises Problem."""
    question = {"do": "points", "look": shown.model_dump(), "named": points_of(chosen)}
    return studio.ask(question, chosen.weights)[0]["points"]


def called(point: str) -> str:
    """A point as people read it."""
    if point.startswith("z"):
        return t("a latent of its own")
    seed, _, index = point.partition("/")
    return t("seed {seed}, picture {number}", seed=seed, number=int(index or 0) + 1)
