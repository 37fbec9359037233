"""Settings as people read them."""

import pytest

from gan.recipes.fields import rate


@pytest.mark.parametrize(
    ("value", "told"),
    [(2e-4, "2e-4"), (2.5e-4, "2.5e-4"), (1.234e-3, "1.234e-3"), (1e-10, "1e-10"), (0.1, "0.1"), (1, "1")],
)
def test_a_rate_is_told_in_as_many_digits_as_it_has(value: float, told: str) -> None:
    assert rate(value) == told
