"""Latents: what seeds, bases, sliders, walks and planes make of them."""

import pytest
import torch

from gan.errors import Problem
from gan.explore.latents import between, latent_of, latents, on_plane, plain, plane, shift, varied, walk
from gan.latent.points import explicit
from gan.latent.view import PLANE, View
from gan.nets.sampling import latents_for

L = 100


def test_one_seed_gives_its_latents_and_a_list_the_first_of_each() -> None:
    assert torch.equal(latents(View(seeds="7", count=5), L), latents_for(7, range(5), L))
    listed = latents(View(seeds="7,9-10"), L)
    assert torch.equal(listed, torch.cat([latents_for(seed, [0], L) for seed in (7, 9, 10)]))


def test_a_picture_of_a_grid_is_the_same_latent_however_large_the_grid() -> None:
    for count in (1, 4, 64):
        assert torch.equal(plain(View(seeds="3", count=count), L), latents_for(3, range(64), L)[:count])


def test_points_are_taken_as_they_are() -> None:
    own = explicit(latents_for(3, [4], L)[0].numpy())
    view = View(points=("3/4", own, "8"))
    found = latents(view, L)
    assert torch.equal(found[0], found[1]) and torch.equal(found[2], latent_of("8", L))
    with pytest.raises(Problem, match="another one"):
        latents(view, L - 1)


def test_variations_start_at_the_base_and_leave_it_as_far_as_their_strength_says() -> None:
    base = latent_of("3/4", L)
    at = {
        strength: latents(View(seeds="9", count=8, base="3/4", strength=strength), L)
        for strength in (0, 0.1, 1)
    }
    assert all(torch.equal(found[0], base) for found in at.values())
    assert torch.equal(at[0], base.expand(8, L))
    assert torch.allclose(at[1][1:], latents_for(9, range(1, 8), L), atol=1e-6)
    near, far = ((at[strength][1:] - base).norm(dim=1).mean() for strength in (0.1, 1))
    assert 0 < near < far / 4


def test_variations_are_as_long_as_latents() -> None:
    """Of L standard normals the length is √L with a standard deviation of 0.71; 400 means vary by 0.04."""
    base = latents_for(0, range(400), L)
    mixed = torch.stack([varied(one, other, 0.5) for one, other in zip(base, base.flip(0), strict=True)])
    assert mixed.norm(dim=1).mean().item() == pytest.approx(L**0.5, abs=0.2)


def test_sliders_shift_and_truncation_scales_what_they_made() -> None:
    along = {"pca": torch.eye(L)[:3], "svd": torch.eye(L)[5:7], "named/up": torch.eye(L)[9]}
    view = View(seeds="3", count=2, pca=(0.0, 2.0), svd=(-1.0,), named={"up": 0.5}, raw={100: 3.0})
    moved = latents(view, L, along) - latents_for(3, range(2), L)
    expected = torch.zeros(L)
    expected[[1, 5, 9, 99]] = torch.tensor([2.0, -1.0, 0.5, 3.0])
    assert torch.allclose(moved, expected.expand(2, L), atol=1e-6)
    halved = latents(view.changed(truncation=0.5), L, along)
    assert torch.allclose(halved, latents(view, L, along) / 2)
    assert not latents(view.changed(truncation=0), L, along).any()


def test_a_saved_direction_that_is_not_here_is_named() -> None:
    with pytest.raises(Problem, match="'smile'"):
        shift(View(named={"smile": 1.0}), L, {})


def test_the_sphere_keeps_lengths_where_the_straight_line_cuts_through() -> None:
    """Two latents are nearly at a right angle: the middle of the line is √½ as long as they are."""
    a, b = latents_for(1, range(2), L)
    usual = (a.norm() + b.norm()) / 2
    assert between(a, b, 0.5).norm().item() == pytest.approx(usual.item(), rel=1e-4)
    assert between(a, b, 0.5, linear=True).norm() < 0.8 * usual
    for share in (0.25, 0.5, 0.75):  # in the plane of both, at an even angle
        angle = torch.acos(a @ b / (a.norm() * b.norm()))
        point = between(a, b, share)
        assert torch.acos(a @ point / (a.norm() * point.norm())).item() == pytest.approx(
            share * angle.item(), abs=1e-3
        )


@pytest.mark.parametrize("linear", [False, True])
def test_the_ends_of_a_leg_are_its_keyframes_bit_for_bit(linear) -> None:
    a, b = latents_for(1, range(2), L)
    assert torch.equal(between(a, b, 0, linear), a) and torch.equal(between(a, b, 1, linear), b)


def test_a_walk_goes_through_every_keyframe_and_a_loop_comes_home() -> None:
    keys = latents_for(2, range(3), L)
    once, loop = walk(keys, 10, loop=False), walk(keys, 10)
    assert (len(once), len(loop)) == (21, 30)
    assert torch.equal(once[[0, 10, 20]], keys) and torch.equal(loop[[0, 10, 20]], keys)
    steps = (torch.cat([loop, loop[:1]]).diff(dim=0)).norm(dim=1)
    assert steps.max() < 1.3 * steps.min()  # nowhere a jump, also not at the end


def test_a_plane_has_its_corners_in_its_corners() -> None:
    four = latents_for(4, range(4), L)
    found = plane(four).view(PLANE, PLANE, L)
    assert torch.equal(found[[0, 0, -1, -1], [0, -1, 0, -1]], four)
    three = plane(four[:3]).view(PLANE, PLANE, L)
    assert torch.equal(three[[0, 0, -1], [0, -1, 0]], four[:3])
    assert three[-1, -1].norm().item() == pytest.approx(four[1:3].norm(dim=1).mean().item(), rel=1e-4)
    assert torch.equal(on_plane(four, 0.5, 0.25), found[2, 4])


def test_a_component_that_this_generator_does_not_have_is_named() -> None:
    with pytest.raises(Problem, match="have 100 components, and no 101: reset the sliders"):
        shift(View(raw={101: 1.0}), L, {})


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_between_opposite_equal_and_zero_latents_the_way_is_the_straight_line(share) -> None:
    a = latents_for(1, [0], L)[0]
    for other in (-a, a.clone(), torch.zeros(L), a * 1.5):
        assert torch.allclose(between(a, other, share), a + share * (other - a), atol=1e-4)


def test_on_the_sphere_the_length_goes_evenly_from_one_latent_s_to_the_other_s() -> None:
    a, b = latents_for(1, range(2), L)
    for share in (0.25, 0.5, 0.75):
        wanted = 0.5 * a.norm() * (1 - share) + 2 * b.norm() * share
        assert between(0.5 * a, 2 * b, share).norm().item() == pytest.approx(wanted.item(), rel=1e-4)
