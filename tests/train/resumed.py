"""Trainers that hand over to each other."""

import torch


def assert_resumes(whole, first, second, before, after) -> None:
    """Three equal trainers: one plays on, the others hand over in between."""
    whole.advance(before + after)
    first.advance(before)
    second.load_state_dict(first.copy())
    second.advance(after)
    for name, value in whole.generator.state_dict().items():
        assert torch.equal(value, second.generator.state_dict()[name])
