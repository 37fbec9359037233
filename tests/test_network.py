"""Addresses, certificates and proxies of the environment: a wrong one is named, with its value."""

from pathlib import Path

import pytest

from gan.errors import Problem
from gan.network import address, check_connection, is_address, shown


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{kind}_proxy", raising=False)
        monkeypatch.delenv(f"{kind}_proxy".upper(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "text",
    [
        "https://huggingface.co",
        "http://127.0.0.1:9",
        "http://[::1]:8080/",
        "HTTPS://hf-mirror.example.com/",
        "https://artifacts.example.com/api/huggingfaceml/hf",
        "https://user:secret@mirror.example.com",
        "https://ünicode.example",
    ],
)
def test_addresses_as_people_write_them(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "hf-mirror.example.com",
        "//hf-mirror.example.com",
        "https//hf-mirror.example.com",
        "https:/hf-mirror.example.com",
        "https://",
        "https://host:port",
        "https://host:99999",
        "http://[::1",
        "https://host with.space",
        " https://host",
        "https://host\n",
        '"https://host"',
        "“https://host”",
        "https://host/“path”",
        "https://host?x=1",
        "https://host/#part",
        "ftp://host",
    ],
)
def test_what_is_no_web_address(text: str) -> None:
    assert not is_address(text)


def test_an_address_that_is_none_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENID_PROVIDER_URL", "ada:secret@host/x")
    with pytest.raises(Problem, match="OPENID_PROVIDER_URL is '…@host/x': write it as https://host") as told:
        address("OPENID_PROVIDER_URL", "https://usual")
    assert "secret" not in str(told.value)
    monkeypatch.setenv("OPENID_PROVIDER_URL", "")
    assert address("OPENID_PROVIDER_URL", "https://usual/") == "https://usual"


@pytest.mark.parametrize("value", ["http://ada:se@cr:et/x@host:1", "ada:secret@host", "\nada:secret\n@host"])
def test_a_password_is_never_shown(value: str) -> None:
    assert "se" not in shown(value) and shown(value).endswith(("@host", "@host:1"))


PROXIES = [
    ("http_proxy", "http://proxy:port"),
    ("https_proxy", "ftp://user:secret@127.0.0.1:9"),
    ("HTTPS_PROXY", "http://user:secret@pro xy:80"),
    ("ALL_PROXY", "“http://proxy:80”"),
    ("all_proxy", "'proxy:80'"),
    ("http_proxy", "http://"),
    ("http_proxy", "//user:secret@proxy:3128"),
]


@pytest.mark.parametrize("name, value", PROXIES)
def test_a_proxy_that_can_not_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Problem, match=f"^{name} is '.*', which can't be used as a proxy") as told:
        check_connection()
    assert "http://host:port" in str(told.value) and "secret" not in str(told.value)


@pytest.mark.parametrize(
    "value", ["127.0.0.1:9", "proxy", "http://user:pw@proxy:80/", "socks5h://proxy:1080", ""]
)
def test_proxies_as_people_write_them(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("https_proxy", value)
    monkeypatch.setenv(
        "REQUESTS_CA_BUNDLE", "/dev/null/ca.pem"
    )  # another library's, which nothing here reads
    check_connection()


def test_certificates_that_are_none_are_named_with_the_form(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text("<html>")
    for value, why in (
        (tmp_path / "none.pem", "No such file"),
        (tmp_path / "page.html", "holds no certificates"),
        (tmp_path, "director|holds no certificates"),
    ):
        monkeypatch.setenv("SSL_CERT_FILE", str(value))
        with pytest.raises(Problem, match=f"SSL_CERT_FILE is '{value}' .*({why}).*in PEM form"):
            check_connection()
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    with pytest.raises(Problem, match="SSL_CERT_DIR is '.*none', and there is no such folder"):
        check_connection()
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'none'}:{tmp_path}")
    check_connection()
