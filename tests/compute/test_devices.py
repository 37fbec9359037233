"""Devices by name."""

import pytest

from gan.compute.devices import devices, pick_device
from gan.errors import Problem


def test_the_cpu_is_always_there_and_a_wrong_device_is_named() -> None:
    assert devices()[-1] == "cpu" and pick_device("cpu").type == "cpu"
    assert pick_device("auto").type == devices()[0]
    with pytest.raises(Problem, match="no device 'tpu'.*cpu"):
        pick_device("tpu")
