"""The viewer's answers, asked through the supervisor as pages ask: a real process at the other end."""

import io
import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan.control.messages import receive, send
from gan.control.questions import (
    DirectionPoint,
    Film,
    Invert,
    Neighbours,
    Picture,
    Place,
    Plane,
    Points,
    Question,
    Real,
    Sample,
    Walk,
)
from gan.control.replies import Superseded
from gan.control.requests import Ask
from gan.control.supervisor import Supervisor
from gan.control.viewer import Dropped
from gan.data.images import load
from gan.errors import Problem
from gan.explore.directions import pca
from gan.explore.latents import latents
from gan.generator.folder import GeneratorFiles
from gan.jobs import Job
from gan.latent.address import from_query, query_in
from gan.latent.points import explicit, unpack
from gan.latent.view import STEPS, View
from gan.nets.pair import Generator
from gan.nets.sampling import sample
from gan.nets.weights import generator_files
from gan.pictures.png import grid_png
from gan.recipes.table import RECIPES
from gan.worker.inbox import Inbox
from gan.worker.request_queue import RequestQueue
from tests.generators import config_for, lively

CONFIG = config_for(RECIPES["mlp"], step=1)
HOME = Path("somebody")


class Fly(Question[Picture]):
    """A question that nobody answers."""


@pytest.fixture(scope="module")
def supervisor() -> Iterator[Supervisor]:
    supervisor = Supervisor()
    yield supervisor
    supervisor.close()


@pytest.fixture(scope="module")
def weights() -> GeneratorFiles:
    return GeneratorFiles.of(*generator_files(lively("mlp").state_dict(), CONFIG))


def drawn(supervisor: Supervisor, weights: GeneratorFiles, view: View, **more: object) -> bytes:
    return supervisor.viewers.ask(Sample(view=view, **more), weights).picture


def worked(supervisor: Supervisor, weights: GeneratorFiles, question: Question) -> Job:
    return Job(lambda job: supervisor.viewers.work(job, HOME, question, weights))


def pixels(picture: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("LA"))


def finished(job: Job, seconds: float = 60) -> object:
    job.wait(seconds)
    assert job.state == "done", job.problem
    return job.result


# --- at once ----------------------------------------------------------------------------------------


def test_the_viewer_draws_what_the_look_says_and_notes_it_in_the_picture(supervisor, weights) -> None:
    view = View(seeds="7", count=9, truncation=0.8, pca=(1.0, -2.0), raw={4: 1.5})
    picture = drawn(supervisor, weights, view, note="seed=7&grid=9")
    net = lively("mlp")
    wanted = sample(net, latents(view, 100, {"pca": pca(net).vectors})).numpy()
    assert np.array_equal(pixels(picture), pixels(grid_png(wanted, scale=1)))
    assert from_query(query_in(picture))[0] == View(seeds="7", count=9)


def test_a_picture_is_the_same_alone_and_among_64(supervisor, weights) -> None:
    many = drawn(supervisor, weights, View(seeds="7", count=64))
    for index in (0, 9, 63):
        one = drawn(supervisor, weights, View(points=(f"7/{index}",)))
        top, left = index // 8 * 29, index % 8 * 29
        assert np.array_equal(pixels(one), pixels(many)[top : top + 28, left : left + 28])


def test_points_of_what_is_shown_draw_the_same_pictures(supervisor, weights) -> None:
    view = View(seeds="3", count=4, base="9/1", strength=0.3, truncation=0.7, svd=(2.0,))
    points = supervisor.viewers.ask(Points(view=view), weights).points
    shown = drawn(supervisor, weights, view)
    again = drawn(supervisor, weights, View(points=tuple(points)))
    assert np.array_equal(pixels(shown), pixels(again))
    unedited = supervisor.viewers.ask(Points(view=view, unedited=True), weights).points
    assert torch.equal(torch.tensor(unpack(unedited[0], 100)), latents(View(points=("9/1",)), 100)[0])


def test_a_direction_that_was_saved_goes_where_the_sliders_went(supervisor, weights) -> None:
    view = View(seeds="3", count=4, pca=(1.0, 0.5), raw={2: 1.0})
    direction = supervisor.viewers.ask(DirectionPoint(view=view), weights)
    named = Points(view=View(seeds="3", count=4, named={"up": 1.0}), named={"up": direction.point})
    there = np.stack([unpack(point, 100) for point in supervisor.viewers.ask(named, weights).points])
    start = latents(View(seeds="3", count=4), 100).numpy()
    wanted = np.stack(
        [unpack(point, 100) for point in supervisor.viewers.ask(Points(view=view), weights).points]
    )
    assert np.allclose((there - start) * direction.length, wanted - start, atol=1e-4)
    with pytest.raises(Problem, match="point nowhere"):
        supervisor.viewers.ask(DirectionPoint(view=View()), weights)


def test_a_walks_preview_tells_its_frames_and_about_the_size_of_its_films(supervisor, weights) -> None:
    view = View(keys=("1", "2", "3"), frames=40)
    preview = supervisor.viewers.ask(Walk(view=view, scale=4), weights)
    assert (preview.frames, preview.drawn) == (120, 120)
    assert pixels(preview.picture).shape[:2] == (12 * 28, 10 * 28)
    for kind, about in preview.sizes.items():
        film = finished(worked(supervisor, weights, Film(view=view, kind=kind, scale=4)))
        content = film.film
        assert about / 2 < len(content) < about * 2, kind
        if kind == "gif":
            assert Image.open(io.BytesIO(content)).n_frames > 100  # equal neighbours are joined
        if kind == "zip":
            assert len(zipfile.ZipFile(io.BytesIO(content)).namelist()) == 120
    with pytest.raises(Problem, match="two at least"):
        supervisor.viewers.ask(Walk(view=View(keys=("1",))), weights)


def test_a_long_walk_has_a_preview_of_some_of_its_frames(supervisor, weights) -> None:
    preview = supervisor.viewers.ask(Walk(view=View(keys=tuple("12345678"), frames=120)), weights)
    assert (preview.frames, preview.drawn) == (960, 120)


def test_a_place_of_the_plane_is_the_map_s_tile(supervisor, weights) -> None:
    view = View(corners=("1", "2", "3", "4"), across=0.25, down=0.5)
    place = supervisor.viewers.ask(Place(view=view), weights)
    whole = supervisor.viewers.ask(Plane(view=view), weights).picture
    assert np.array_equal(pixels(place.picture), pixels(whole)[4 * 28 : 5 * 28, 2 * 28 : 3 * 28])
    again = drawn(supervisor, weights, View(points=(place.point,)))
    assert np.array_equal(pixels(again), pixels(place.picture))


def test_of_requests_that_wait_the_newest_of_each_slot_is_left(tmp_path) -> None:
    """Five places of one slider, and one of somebody else's, have come before the viewer looks."""
    reading, writing = os.pipe()
    inbox, answers = Inbox(open(reading, "rb")), io.BytesIO()
    inbox.must_save = True  # this process shall not end with the pipe
    with open(writing, "wb") as pipe:
        for number in range(5):
            send(pipe, Ask(question=Sample(view=View(), slot="mine")), number)
        send(pipe, Ask(question=Sample(view=View(), slot="somebody else's")), 5)
        send(pipe, Ask(question=Points(view=View())), 6)
    while inbox._messages.qsize() < 8:  # the seven, and the pipe's end
        time.sleep(0.01)
    desk = RequestQueue(inbox, answers)
    desk.collect(wait=False)
    assert list(desk.waiting) == [4, 5, 6]
    answers.seek(0)
    assert [receive(answers) for _ in range(4)] == [(Superseded(), number) for number in range(4)]


def test_somebody_whose_request_was_dropped_is_told_so(supervisor, weights) -> None:
    drawn(supervisor, weights, View())
    views = [View(count=64, truncation=number / 20) for number in range(20)]
    jobs = [Job(lambda _, view=view: drawn(supervisor, weights, view, slot="mine")) for view in views]
    for job in jobs:
        job.wait(30)
    assert any(job.state == "done" for job in jobs)
    assert all(job.state == "done" or "newer" in job.problem for job in jobs)
    assert issubclass(Dropped, Problem)


@pytest.mark.parametrize(
    "question, said",
    [
        (Sample(view=View(points=(explicit(np.zeros(9, np.float32)),))), "another one"),
        (Sample(view=View(named={"gone": 1.0})), "No direction 'gone'"),
        (Place(view=View(corners=("1", "2"))), "three or four corners"),
        (Real(data="cats", index=0), "'cats'"),
        (Fly(), "nobody foresaw"),
    ],
)
def test_what_can_not_be_answered_is_a_sentence_and_the_viewer_goes_on(
    supervisor, weights, question, said
) -> None:
    with pytest.raises(Problem, match=said):
        supervisor.viewers.ask(question, weights)
    assert drawn(supervisor, weights, View()).startswith(b"\x89PNG")


def test_training_pictures_of_another_shape_are_not_compared(supervisor) -> None:
    net = Generator(16, 16, recipe="mlp").model()
    other = GeneratorFiles.of(*generator_files(net.state_dict(), config_for(RECIPES["mlp"], side=16)))
    with pytest.raises(Problem, match="pictures of 1×28×28, and this generator draws 1×16×16"):
        supervisor.viewers.ask(Real(data="digits", index=0), other)


# --- at length --------------------------------------------------------------------------------------


def inverted(supervisor, weights, content=b"", **more) -> Job:
    question = Invert(content=content, data="digits", **more)
    return worked(supervisor, weights, question)


def test_an_uploaded_picture_of_the_generator_s_own_is_found_again(supervisor, weights) -> None:
    picture = drawn(supervisor, weights, View(points=("5/3",)), scale=8)
    found = finished(inverted(supervisor, weights, picture))
    assert found.error < 0.01 and found.steps == 200 and len(found.curves) == 8
    again = drawn(supervisor, weights, View(points=(found.point,)))
    assert np.array_equal(pixels(again), pixels(found.picture)[:, 29:])


def test_a_search_tells_how_it_goes_and_ends_when_it_is_cancelled(supervisor, weights) -> None:
    job = inverted(supervisor, weights, index=3, steps=STEPS.most)
    deadline = time.monotonic() + 60
    while not (job.picture and job.report.share) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert job.picture.startswith(b"\x89PNG") and 0 < job.share < 1 and job.report.error > 0
    job.cancel()
    found = finished(inverted(supervisor, weights, index=3, steps=50))  # the process is free for the next
    assert found.error > 0 and job.state == "cancelled"


def test_pages_are_answered_while_a_search_goes_on(supervisor, weights) -> None:
    job = inverted(supervisor, weights, index=3, steps=STEPS.most)
    for seed in range(5):
        assert drawn(supervisor, weights, View(seeds=str(seed))).startswith(b"\x89PNG")
    assert job.state == "running"
    job.cancel()


@pytest.mark.parametrize(
    "content, said",
    [(b"text", "no picture"), (bytes(30_000_000), "MB"), (b"\x89PNG\r\n\x1a\n" + bytes(99), "picture")],
)
def test_a_bad_upload_is_a_sentence(supervisor, weights, content, said) -> None:
    job = inverted(supervisor, weights, content)
    job.wait(60)
    assert job.state == "failed" and said in job.problem


def test_a_training_picture_and_its_neighbours(supervisor, weights) -> None:
    real = supervisor.viewers.ask(Real(data="digits", index=5), weights)
    assert (real.images, pixels(real.picture).shape[:2]) == (1797, (28, 28))
    found = finished(worked(supervisor, weights, Neighbours(point="5/3", data="digits")))
    assert set(found.near) == set(found.rows) == {"pixels", "shapes"} and found.images == 1797
    assert all(pixels(row).shape[:2] == (28, 6 * 29 - 1) for row in found.rows.values())
    assert np.array_equal(pixels(found.picture), pixels(drawn(supervisor, weights, View(points=("5/3",)))))
    images = load("digits").pixels[found.near["pixels"].indices].permute(0, 2, 3, 1).numpy()
    assert np.array_equal(pixels(found.rows["pixels"]), pixels(grid_png(images, 6, 1)))


def test_neighbours_in_data_that_is_not_here_are_a_sentence(supervisor, weights, monkeypatch) -> None:
    job = worked(supervisor, weights, Neighbours(point="5/3", data="cats"))
    job.wait(60)
    assert job.state == "failed" and "'cats'" in job.problem


def test_where_many_share_a_machine_each_has_one_piece_of_long_work_at_a_time(
    supervisor, weights, monkeypatch
) -> None:
    monkeypatch.setenv("GAN_PUBLIC", "1")
    first = inverted(supervisor, weights, index=3, steps=STEPS.most)
    deadline = time.monotonic() + 60
    while not first.report and time.monotonic() < deadline:
        time.sleep(0.05)
    second = inverted(supervisor, weights, index=3, steps=50)
    second.wait(30)
    assert second.state == "failed" and "still at work" in second.problem
    question = Invert(content=b"", data="digits", index=3, steps=50)
    other = Job(lambda job: supervisor.viewers.work(job, Path("somebody else"), question, weights))
    first.cancel()
    first.wait(30)
    finished(inverted(supervisor, weights, index=3, steps=50))
    finished(other)  # it waited for its turn: another visitor's work is no reason to refuse it


def test_the_process_for_long_work_ends_when_nobody_needs_it(supervisor, weights, monkeypatch) -> None:
    finished(inverted(supervisor, weights, index=0, steps=50))
    process = supervisor.viewers._viewers["slow"].worker.process
    supervisor.viewers.end_idle()
    assert process.poll() is None  # it was needed a moment ago
    monkeypatch.setattr("gan.control.viewer.IDLE_AFTER", 0.0)
    supervisor.viewers.end_idle()
    process.wait(10)
    assert "slow" not in supervisor.viewers._viewers
    monkeypatch.undo()
    finished(inverted(supervisor, weights, index=0, steps=50))  # and comes back when needed
