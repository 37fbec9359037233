"""`python -m gan push`, `pull` and `browse`, against the tests' own Hub."""

import io
import json
import stat
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import load_file, save

from tests.cli.command_line import TINY, gan, program, report, train
from tests.hub_server import HubServer


def test_a_generator_goes_to_the_hub_and_comes_back_and_draws_the_same(ada, tmp_path) -> None:
    train(tmp_path / "run")
    pushed = report("push", tmp_path / "run", "ada/digits")
    assert pushed["repo"] == "ada/digits" and pushed["private"] and ada.repos["ada/digits"].private
    assert pushed["files"]["model.safetensors"] == len(ada.repos["ada/digits"].files["model.safetensors"])
    gan("pull", "ada/digits", "--out", tmp_path / "pulled")
    for number, source in enumerate((tmp_path / "run", tmp_path / "pulled", "hf:ada/digits")):
        gan("sample", source, "--seed", 7, "--count", 3, "--out", tmp_path / f"{number}.npy")
    pictures = [np.load(tmp_path / f"{number}.npy") for number in range(3)]
    assert all(np.array_equal(pictures[0], other) for other in pictures)
    gan("sample", f"hf:ada/digits@{pushed['commit']}", "--seed", 7, "--out", tmp_path / "pinned.png")


def test_a_whole_run_goes_to_the_hub_and_resumes_from_there(ada, tmp_path) -> None:
    train(tmp_path / "run")
    gan("push", tmp_path / "run", "ada/digits", "--whole")
    gan("pull", "ada/digits", "--whole", "--out", tmp_path / "there")
    more = [*TINY, "--run", tmp_path / "there", "--steps", 20, "--resume"]
    assert report("train", *more)["resumed_from"] == 10


def test_the_list_of_files_comes_first_and_a_dry_run_stops_there(ada, tmp_path) -> None:
    train(tmp_path / "run")
    told = program("push", tmp_path / "run", "ada/digits", "--dry-run", "--json")
    assert told.returncode == 0 and "model.safetensors" in told.stderr
    assert set(json.loads(told.stdout)["files"]) >= {"README.md", "config.json", "model.safetensors"}
    assert not ada.repos and "hf_adas" not in told.stdout + told.stderr
    gan("push", tmp_path / "run", "ada/digits", "--zip", tmp_path / "out" / "offline.zip")
    assert (tmp_path / "out" / "offline.zip").read_bytes()[:2] == b"PK" and not ada.repos
    for wrong, said in (
        ("", "does not end in .zip"),
        ("x.txt", "does not end"),
        (tmp_path / "mine.zip", "exists"),
    ):
        (tmp_path / "mine.zip").write_text("mine")
        assert said in gan("push", tmp_path / "run", "ada/digits", "--zip", wrong, expect=2)
    assert (tmp_path / "mine.zip").read_text() == "mine"
    (tmp_path / "link.zip").symlink_to(tmp_path / "somewhere")  # which would be written there
    assert "exists" in gan("push", tmp_path / "run", "ada/digits", "--zip", tmp_path / "link.zip", expect=2)
    assert gan("push", tmp_path / "run", "ada/digits", "--dry-run") == ""


def test_browse_lists_and_searches(ada, tmp_path) -> None:
    train(tmp_path / "run")
    gan("push", tmp_path / "run", "ada/digits", "--public")
    gan("push", tmp_path / "run", "ada/other")
    assert [one["repo"] for one in json.loads(gan("browse", "--json"))] == ["ada/other", "ada/digits"]
    assert gan("browse", "--search", "digits").split()[0] == "ada/digits"
    assert "(private)" in gan("browse", "--search", "other")


def test_what_the_hub_refuses_is_one_sentence_and_an_exit_status(hub, tmp_path, monkeypatch) -> None:
    train(tmp_path / "run")
    assert "Nobody is signed in" in gan("push", tmp_path / "run", "ada/digits", expect=1)
    monkeypatch.setenv("HF_TOKEN", "hf_nobodys")
    assert "does not accept this token" in gan("push", tmp_path / "run", "ada/digits", expect=1)
    assert "is no repository" in gan("push", tmp_path / "run", "digits", expect=2)
    assert "leave the branch empty" in gan(
        "push", tmp_path / "run", "a/b", "--pr", "--revision", "x", expect=2
    )
    monkeypatch.delenv("HF_TOKEN")
    assert "that you may see" in gan("pull", "ada/nothing", "--out", tmp_path / "x", expect=1)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    assert "is not empty" in gan("pull", "ada/nothing", "--out", tmp_path / "full", expect=2)
    assert not (tmp_path / "x").exists() and (tmp_path / "full" / "mine.txt").read_text() == "mine"
    hub.stop()
    assert "can't be reached" in gan("browse", expect=1)


def test_what_a_push_is_asked_for_reaches_the_hub(ada: HubServer, tmp_path: Path) -> None:
    train(tmp_path / "run", "--seed", 3)
    gan("push", tmp_path / "run", "ada/digits")
    wishes = ["--licence", "cc0-1.0", "--revision", "second", "--message", "as asked"]
    gan("push", tmp_path / "run", "ada/digits", *wishes)
    repo = ada.repos["ada/digits"]
    main, second = (repo.branches[name][-1] for name in ("main", "second"))
    assert (b"license: mit" in main.files["README.md"]) and b"license: cc0-1.0" in second.files["README.md"]
    assert second.message == "as asked" != main.message
    gan("sample", tmp_path / "run", "--seed", 3, "--count", 25, "--grid", 5, "--out", tmp_path / "drawn.png")
    drawn, pushed = (
        Image.open(source) for source in (tmp_path / "drawn.png", io.BytesIO(main.files["samples.png"]))
    )
    assert np.array_equal(np.asarray(drawn), np.asarray(pushed))  # those of the run's own seed


def test_a_revision_is_the_one_that_is_drawn_and_pulled(ada: HubServer, tmp_path: Path) -> None:
    commits = []
    for seed in (1, 2):
        train(tmp_path / f"{seed}", "--seed", seed)
        commits.append(report("push", tmp_path / f"{seed}", "ada/digits")["commit"])
    gan("pull", "ada/digits", "--revision", commits[0], "--out", tmp_path / "pulled")
    for name, source in {
        "hub": f"hf:ada/digits@{commits[0]}",
        "own": tmp_path / "1",
        "got": tmp_path / "pulled",
    }.items():
        gan("sample", source, "--count", 2, "--out", tmp_path / f"{name}.npy")
    gan("sample", tmp_path / "2", "--count", 2, "--out", tmp_path / "other.npy")
    hub, own, got, other = (np.load(tmp_path / f"{name}.npy") for name in ("hub", "own", "got", "other"))
    assert np.array_equal(hub, own) and np.array_equal(got, own) and not np.array_equal(other, own)


def test_weights_that_draw_nothing_are_neither_pushed_nor_pulled(ada: HubServer, tmp_path: Path) -> None:
    train(tmp_path / "run")
    gan("push", tmp_path / "run", "ada/digits")
    file = tmp_path / "run" / "model.safetensors"
    broken = save({name: tensor * np.float32("nan") for name, tensor in load_file(file).items()})
    file.write_bytes(broken)
    ada.repos["ada/digits"].files["model.safetensors"] = broken
    assert "not finite" in gan("push", tmp_path / "run", "ada/other", expect=1)
    assert "not finite" in gan("pull", "ada/digits", "--out", tmp_path / "pulled", expect=1)
    assert "ada/other" not in ada.repos and not (tmp_path / "pulled").exists()


def test_a_folder_that_was_pulled_is_for_everybody_on_the_machine_to_read(
    ada: HubServer, tmp_path: Path
) -> None:
    train(tmp_path / "run")
    gan("push", tmp_path / "run", "ada/digits")
    gan("pull", "ada/digits", "--out", tmp_path / "pulled")
    assert stat.S_IMODE((tmp_path / "pulled").stat().st_mode) == 0o755
    assert {one.name for one in tmp_path.iterdir() if one.is_dir()} >= {"run", "pulled"}


def test_browse_lists_as_many_as_were_asked_for(ada: HubServer, tmp_path: Path) -> None:
    train(tmp_path / "run")
    for name in ("one", "two", "three"):
        gan("push", tmp_path / "run", f"ada/{name}")
    assert [one["repo"] for one in json.loads(gan("browse", "--limit", 2, "--json"))] == [
        "ada/three",
        "ada/two",
    ]
