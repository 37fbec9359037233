"""Points of what is shown: what a click on a picture takes hold of."""

from gan.control.supervisor import supervisor
from gan.i18n import t
from gan.latent.view import View
from ui.generate.choice import GeneratorChoice
from ui.generate.directions import points_of
from ui.generate.state import view


def plain_point(choice: GeneratorChoice, index: int) -> str:
    """The point of picture `index` before any slider touches it. Raises Problem."""
    shown = view().unedited()
    return shown.point(index) or all_points(choice, shown)[index]


def edited_point(choice: GeneratorChoice, index: int) -> str:
    """The point of picture `index` as it is shown. Raises Problem."""
    return view().point(index) or all_points(choice, view())[index]


def all_points(choice: GeneratorChoice, shown: View) -> list[str]:
    """Explicit points of all pictures, as they are shown. Raises Problem."""
    question = {"do": "points", "view": shown.model_dump(), "named": points_of(choice)}
    return supervisor.ask(question, choice.weights)[0]["points"]


def called(point: str) -> str:
    """A point as people read it."""
    if point.startswith("z"):
        return t("a latent of its own")
    seed, _, index = point.partition("/")
    return t("seed {seed}, picture {number}", seed=seed, number=int(index or 0) + 1)
