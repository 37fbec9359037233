"""Neighbours: copies are found, new pictures are not taken for copies."""

import pytest
import torch

from gan.data.images import Images, load
from gan.evaluate.neighbours import BASELINE, NEIGHBOURS, Neighbours, nearest, shapes


@pytest.fixture(scope="module")
def digits() -> Neighbours:
    return Neighbours(load("digits"))


def test_a_copy_is_its_own_nearest_at_no_distance_and_nearer_than_any_pair(digits) -> None:
    for index in (0, 5, 1796):
        for near in digits.of(digits.images.pixels[index]).values():
            assert near.indices[0] == index and near.distances[0] == pytest.approx(0, abs=1e-3)
            assert near.rank == 0 and len(near.indices) == NEIGHBOURS
            assert near.distances == sorted(near.distances)


def test_a_copy_that_is_shifted_by_a_pixel_is_found_by_its_shape(digits) -> None:
    """By its pixels only about every third is (20 of 50 when measured)."""
    found = [
        digits.of(torch.roll(digits.images.pixels[index], 1, -1))["shapes"].indices[0] == index
        for index in range(50)
    ]
    assert sum(found) >= 48


def test_a_copy_in_negative_is_found_by_its_shape(digits) -> None:
    """Light on dark has the edges of dark on light; pixel by pixel nothing is further apart."""
    for index in (0, 5, 1796):
        found = digits.of(255 - digits.images.pixels[index])
        assert found["shapes"].indices[0] == index
        assert found["shapes"].distances[0] == pytest.approx(0, abs=1e-2)
        assert found["pixels"].distances[0] > found["pixels"].usual


def test_noise_is_no_copy(digits) -> None:
    noise = torch.randint(256, (1, 28, 28), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    for near in digits.of(noise).values():
        assert near.rank == 1 and near.distances[0] > 2 * near.usual


def test_the_baseline_is_the_distance_to_the_nearest_other_picture(digits) -> None:
    """Counted plainly, for the pictures that the baseline has drawn: half of them are nearer than `usual`."""
    features = digits.features["pixels"].float()
    apart = torch.cdist(features, features) / features.shape[1] ** 0.5
    apart.fill_diagonal_(torch.inf)
    others = apart.min(1).values
    usual = digits.of(digits.images.pixels[0])["pixels"].usual
    assert len(digits.baseline["pixels"]) == BASELINE
    assert usual == pytest.approx(others.median().item(), rel=0.05)  # 1,000 of 1,797 are a sample


def test_real_pictures_left_out_of_the_data_rank_as_the_data_do() -> None:
    """Pictures that are not in the data but like them: ranks spread over 0 to 1, about a half on average."""
    images = load("digits")
    known = Neighbours(Images("some", images.pixels[:1500], "x"))
    ranks = [known.of(picture)["pixels"].rank for picture in images.pixels[1500:1600]]
    assert 0.35 < sum(ranks) / len(ranks) < 0.75 and max(ranks) > 0.8


def test_few_pictures_have_few_neighbours(small_images) -> None:
    known = Neighbours(small_images(3))
    assert all(len(near.indices) == 3 for near in known.of(small_images(3).pixels[0]).values())


def test_distances_do_not_depend_on_how_many_are_compared_at_once(monkeypatch) -> None:
    rows = torch.randn(50, 7, generator=torch.Generator().manual_seed(1))
    whole = nearest(rows[:5], rows, 4)
    monkeypatch.setattr("gan.evaluate.neighbours.ROWS", 8)
    pieces = nearest(rows[:5], rows, 4)
    assert torch.equal(whole[1], pieces[1]) and torch.allclose(whole[0], pieces[0], atol=1e-3)


def test_shapes_tell_strokes_and_not_their_brightness() -> None:
    picture = load("digits").pixels[:1]
    half = (picture // 2).to(torch.uint8)
    assert (shapes(picture) - shapes(half)).square().mean().sqrt() < 0.05
    assert not shapes(torch.zeros(1, 1, 28, 28, dtype=torch.uint8)).any()


@pytest.mark.parametrize("degrees", [0, 45, 90, 135])
def test_a_stroke_that_is_turned_a_little_has_nearly_the_same_shape(degrees) -> None:
    """Also where its direction is the last of the half circle, beside the first."""

    def ramp(turned: float) -> torch.Tensor:
        angle = torch.tensor(turned).deg2rad()
        places = torch.arange(28.0) - 14
        bright = places * angle.cos() + places[:, None] * angle.sin()
        return shapes((bright * 6 + 127).clamp(0, 255).to(torch.uint8)[None, None])

    apart = lambda turned: (ramp(degrees - 4) - ramp(turned)).norm()  # noqa: E731
    assert 2 * apart(degrees + 4) < apart(degrees + 20)


def test_colours_are_compared_too() -> None:
    pixels = torch.randint(
        256, (20, 3, 16, 16), generator=torch.Generator().manual_seed(1), dtype=torch.uint8
    )
    known = Neighbours(Images("colours", pixels, "x"))
    assert known.of(pixels[7])["pixels"].indices[0] == 7
