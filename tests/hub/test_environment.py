"""What huggingface_hub takes from the environment: a slip there is named, and no fault of the Hub's."""

import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import close_session

from bench.browser import HOUSE
from gan.errors import Problem
from gan.hub import environment, transport
from gan.hub.accounts import saved_login
from gan.hub.repos import browse


@pytest.fixture(autouse=True)
def fresh_client() -> Iterator[None]:
    """It reads proxies and certificates when it is made."""
    close_session()
    yield
    close_session()


SLIPS = [
    ("HF_ENDPOINT", "hf-mirror.example.com", "'hf-mirror.example.com': set it to https://host"),
    ("HF_ENDPOINT", '"https://hf-mirror.example.com"', "set it to https://host"),
    ("HF_ENDPOINT", "https://ada:secret@[::1", "'https://…@[::1': set it to https://host"),
    ("HF_HUB_ETAG_TIMEOUT", "ten", "'ten': set it to a whole number of seconds"),
    ("HF_HUB_DOWNLOAD_TIMEOUT", "-1", "'-1': set it to a whole number of seconds"),
    ("HF_HUB_USER_AGENT_ORIGIN", "학교", "'학교': set it to plain letters and digits"),
    ("SSL_CERT_FILE", "/dev/null/ca.pem", "'/dev/null/ca.pem' (Not a directory"),
    ("https_proxy", "http://proxy:port", "can't be used as a proxy"),
]


@pytest.mark.parametrize("name, value, said", SLIPS)
def test_a_slip_in_the_environment_is_named_with_the_form_that_is_wanted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Problem) as told:
        browse(False)
    assert str(told.value).startswith(f"{name} is '") and said in str(told.value)
    assert "secret" not in str(told.value)


def test_what_would_break_the_client_s_import_waits_for_its_sentence() -> None:
    settings = {"HF_ENDPOINT": "http://[::1", "HF_HUB_ETAG_TIMEOUT": "ten", "HF_HUB_DOWNLOAD_TIMEOUT": ""}
    settings["HF_HUB_ENABLE_HF_TRANSFER"] = "1"  # which it warns of, with a line of its source
    command = [sys.executable, "-m", "gan", "browse"]
    done = subprocess.run(command, cwd=HOUSE, env=os.environ | settings, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "gan: HF_ENDPOINT is 'http://[::1': set it to https://host, or unset it.\n"


def test_empty_variables_count_as_unset(hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*environment.FORMS, "HF_TOKEN", "SSL_CERT_FILE", "SSL_CERT_DIR", "https_proxy"):
        if name != "HF_ENDPOINT":
            monkeypatch.setenv(name, "")
    assert browse(False) == [] and saved_login() is None
    monkeypatch.setenv("HF_ENDPOINT", "")
    environment.check()
    assert transport.endpoint() == "https://huggingface.co"


def test_a_hub_behind_a_folder_of_its_host_is_asked_there(hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", f"{hub.address}/api/huggingface/")
    with pytest.raises(Problem):  # the tests' Hub has no such folder
        browse(False)
    assert hub.log[-1][1].startswith("/api/huggingface/api/models")


def test_offline_names_the_variable_that_says_so(hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)  # as it is read at the import
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
    with pytest.raises(Problem, match="^TRANSFORMERS_OFFLINE is set: unset it"):
        browse(False)
    assert not hub.log


# --- tokens -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "token", ["“hf_secret”", '"hf_secret"', "'hf_secret'", "hf_sec ret", "hf_secrét", "한글"]
)
@pytest.mark.parametrize("name", ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
def test_a_token_with_what_no_token_has_names_its_variable_and_never_itself(
    monkeypatch: pytest.MonkeyPatch, name: str, token: str
) -> None:
    monkeypatch.setenv(name, token)
    with pytest.raises(Problem, match=f"^{name} holds no token: .* without quotes or spaces") as told:
        saved_login()
    assert "secr" not in str(told.value) and token not in repr(told.value.values)


@pytest.mark.parametrize("token", ["hf_plain", " hf_plain\n", "hf_pl\nain", "hf_plain\r\n"])
def test_a_token_with_the_line_s_end_around_it_is_the_token(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    assert saved_login().get_secret_value() == "hf_plain"


def test_a_saved_login_that_can_not_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "token").write_bytes("hf_x".encode("utf-16"))
    (tmp_path / "quoted").write_text("“hf_secret”")
    for place, said in (("file/token", "Not a directory"), ("", "Is a directory"), ("token", "decode")):
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / place))
        with pytest.raises(Problem, match=f"No token can be had from {tmp_path / place} .*{said}.*HF_HOME"):
            saved_login()
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "quoted"))
    with pytest.raises(Problem, match=f"^{tmp_path / 'quoted'} holds no token"):
        saved_login()


def test_an_exchange_of_tokens_that_fails_names_what_asked_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_OIDC_RESOURCE", "ada/digits")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    with pytest.raises(Problem, match="^No token can be had from HF_OIDC_RESOURCE"):
        saved_login()


# --- certificates -------------------------------------------------------------------------------------


@pytest.fixture
def own_certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody has signed, and its key, in one file."""
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem"]
    make = ["openssl", "req", "-x509", *key, "-out", "certificate.pem", "-days", "2", *names]
    subprocess.run(make, cwd=tmp_path, capture_output=True, check=True)
    both = (tmp_path / "certificate.pem").read_text() + (tmp_path / "key.pem").read_text()
    (tmp_path / "both.pem").write_text(both)
    return tmp_path / "both.pem"


class Empty(BaseHTTPRequestHandler):
    """A Hub without generators."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.skipif(not Path("/usr/bin/openssl").exists(), reason="needs openssl to make a certificate")
def test_a_certificate_of_one_s_own_network_names_the_way_to_trust_it(
    own_certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own_certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"https://127.0.0.1:{server.server_port}")
    try:
        with pytest.raises(Problem, match="does not trust .*SSL_CERT_FILE"):
            browse(False)
        close_session()
        monkeypatch.setenv("SSL_CERT_FILE", str(own_certificate))
        assert browse(False) == []
    finally:
        server.shutdown()
        server.server_close()
