"""`python -m gan download`."""

from tests.cli.command_line import refused


def test_a_download_without_a_network_is_one_sentence(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GAN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GAN_MNIST_MIRROR", "http://127.0.0.1:9/")
    monkeypatch.setenv("NO_PROXY", "*")
    said = refused("download", "mnist", status=1)
    assert said.startswith("gan: MNIST could not be downloaded") and "digits are built in" in said
