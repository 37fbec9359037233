"""Problems: what a reader is told."""

from gan.errors import Problem
from gan.i18n import t


def test_a_sentence_has_its_places_filled_and_braces_of_values_stay() -> None:
    assert t("Run {name} is gone", name="{x}") == "Run {x} is gone"
    assert t("no places {here}") == "no places {here}"


def test_a_problem_is_its_sentence() -> None:
    problem = Problem("{count} is too many", count=7, misuse=True)
    assert (str(problem), problem.misuse, problem.values) == ("7 is too many", True, {"count": 7})
