"""A generator's two files, read from a folder."""

import pytest

from gan.errors import Problem
from gan.generator.folder import GeneratorFiles, read_source
from gan.runs.run import Run


def test_a_source_is_a_folder_or_a_safetensors_file(tmp_path, files) -> None:
    (tmp_path / "config.json").write_bytes(files[0])
    (tmp_path / "model.safetensors").write_bytes(files[1])
    (tmp_path / "other.safetensors").write_bytes(files[1])
    assert read_source(tmp_path) == read_source(str(tmp_path / "other.safetensors")) == files


def test_a_missing_source_is_named_with_what_would_do(tmp_path) -> None:
    with pytest.raises(Problem, match="no .*nowhere.*name a run folder"):
        read_source(tmp_path / "nowhere")


def test_weights_without_their_config_are_refused(tmp_path, files) -> None:
    (tmp_path / "model.safetensors").write_bytes(files[1])
    with pytest.raises(Problem, match="There is no .*config.json"):
        read_source(tmp_path / "model.safetensors")


def test_a_file_too_large_is_not_even_read(tmp_path, files) -> None:
    (tmp_path / "config.json").write_bytes(files[0])
    with open(tmp_path / "model.safetensors", "wb") as file:
        file.truncate(300 << 30)  # sparse: 300 GiB that are not there
    with pytest.raises(Problem, match="model.safetensors has 322,122,547,200 bytes"):
        read_source(tmp_path)


def test_a_folder_where_a_file_should_be_is_refused(tmp_path, files) -> None:
    (tmp_path / "model.safetensors").write_bytes(files[1])
    (tmp_path / "config.json").mkdir()
    with pytest.raises(Problem, match="config.json"):
        read_source(tmp_path)


def test_a_run_without_a_save_is_said_to_need_more_training(tmp_path) -> None:
    run = Run.make(tmp_path / "young")
    (run.path / "run.json").write_text("{}")
    with pytest.raises(Problem, match="has not been saved yet"):
        read_source(run.path)


def test_a_generator_is_known_by_every_byte_of_both_files_and_by_which_weights_draw() -> None:
    """Viewers keep generators by that key: two of one key would draw the same pictures."""
    one = GeneratorFiles.of(b"config", b"tensors")
    others = [
        GeneratorFiles.of(b"Config", b"tensors"),
        GeneratorFiles.of(b"config", b"tensorS"),
        one.as_raw(),
    ]
    assert len({one.key, *(other.key for other in others)}) == 4
    assert GeneratorFiles.of(b"config", b"tensors") == one and one.as_raw().raw
