"""Pictures from latents: always the same, whatever is drawn beside them."""

import pytest
import torch

from gan.nets.sampling import evaluating, latents_for, sample


class LastBits(torch.nn.Module):
    """A generator's images with their last bits enlarged, so that a difference no eye sees is seen."""

    def __init__(self, net) -> None:
        super().__init__()
        self.net = net

    def forward(self, latents) -> torch.Tensor:
        return (self.net(latents) * 1e6).frac()


def test_a_picture_does_not_depend_on_how_many_are_drawn_with_it(generator) -> None:
    generator = LastBits(generator)
    pictures = sample(generator, latents_for(7, range(300), 100))
    assert pictures.shape == (300, 28, 28, 1) and pictures.dtype == torch.uint8
    for count in (1, 4, 31, 32, 33, 65):
        assert torch.equal(sample(generator, latents_for(7, range(count), 100)), pictures[:count])
    assert torch.equal(sample(generator, latents_for(7, [250], 100)), pictures[250:251])


def test_a_picture_does_not_depend_on_mode_or_threads_and_changes_neither(generator) -> None:
    latents = latents_for(7, range(40), 100)
    expected = sample(generator, latents)
    threads = torch.get_num_threads()
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            generator.train(count == 1)
            assert torch.equal(sample(generator, latents), expected)
            assert torch.get_num_threads() == count and generator.training == (count == 1)
    finally:
        torch.set_num_threads(threads)


def test_pixels_span_what_tanh_gives() -> None:
    class Ramp(torch.nn.Linear):
        def forward(self, latents) -> torch.Tensor:
            return torch.linspace(-1, 1, 256).expand(len(latents), 1, 1, 256)

    assert sample(Ramp(1, 1), torch.zeros(1, 1)).flatten().tolist() == list(range(256))


def test_latents_are_normal_and_depend_on_seed_and_index_alone() -> None:
    torch.manual_seed(0)
    latents = latents_for(3, range(200), 100)
    torch.manual_seed(1)
    assert torch.equal(latents_for(3, [150, 2], 100), latents[[150, 2]])
    assert not torch.equal(latents_for(4, range(200), 100), latents)
    assert abs(latents.mean()) < 0.02 and abs(latents.std() - 1) < 0.02


def test_evaluating_gives_the_mode_back_also_after_an_error(generator) -> None:
    generator.train()
    with pytest.raises(ZeroDivisionError), evaluating(generator):
        assert not generator.training and not torch.is_grad_enabled()
        1 // 0  # noqa: B018
    assert generator.training and torch.is_grad_enabled()


def test_pictures_are_drawn_on_one_thread_whatever_a_training_has() -> None:
    """Two may add numbers up in another order: not seen on every machine, but on some."""
    seen = []

    class Watched(torch.nn.Linear):
        def forward(self, latents) -> torch.Tensor:
            seen.append((torch.get_num_threads(), len(latents)))
            return latents.view(-1, 1, 1, 1)

    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        sample(Watched(1, 1), torch.zeros(17, 1))
    finally:
        torch.set_num_threads(threads)
    assert seen == [(1, 16), (1, 16)]
