"""Points: names of single latents."""

import numpy as np
import pytest

from gan.errors import Problem
from gan.latent.points import explicit, unpack
from tests.latent.test_address import LATENT


def test_a_point_holds_every_bit_of_its_latent() -> None:
    assert unpack(explicit(LATENT), 4).tobytes() == LATENT.tobytes()
    assert unpack("7/3", 4) == (7, 3) and unpack("7", 4) == (7, 0)


@pytest.mark.parametrize("latent", [LATENT[:3], [np.nan] * 4, [np.inf] * 4, [2e3] * 4])
def test_a_latent_that_is_no_latent_of_this_generator_is_refused(latent) -> None:
    with pytest.raises(Problem, match="latent"):
        unpack(explicit(np.float32(latent)), 4)
