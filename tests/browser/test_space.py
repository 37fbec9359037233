"""The folder that is pushed to a Hugging Face Space: what is in it, and that it runs as a Space runs it."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml
from playwright.sync_api import Browser, Page, Route, expect

from bench.browser import HOUSE, Server, free_port, wait_until
from bench.chromium import FLAGS, find_chromium


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments."""
    text = re.sub(r"^#.*\n", "", (HOUSE / "space" / "Dockerfile").read_text(), flags=re.M)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def environment() -> dict[str, str]:
    """What its ENV lines set."""
    pairs = [pair.split("=", 1) for kind, rest in instructions() if kind == "ENV" for pair in rest.split()]
    return dict(pairs)


def command(kind: str) -> list[str]:
    """A CMD in its JSON form."""
    rest = next(rest for name, rest in instructions() if name == kind)
    return json.loads(rest[rest.index("[") :])


def left_out(folder: str, names: list[str]) -> set[str]:
    """What a copy of the project does without: what was made here."""
    own = {".git", ".venv", "build", "runs", "data", "test-artifacts"} if Path(folder) == HOUSE else set()
    return {name for name in names if name in own | {"__pycache__"} or name.endswith("_cache")}


@pytest.fixture(scope="module", params=["a checkout", "a download"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """build/space, made from a copy of the project with and without Git's folder."""
    house = tmp_path_factory.mktemp("copy") / "house"
    shutil.copytree(HOUSE, house, ignore=left_out)
    if request.param == "a checkout":
        if not shutil.which("git"):
            pytest.skip("there is no git")
        subprocess.run("git init -q && git add -A", shell=True, cwd=house, check=True)
    (house / ".env").write_text("HF_TOKEN=secret")
    (house / "gan" / "__pycache__").mkdir()
    (house / "gan" / "__pycache__" / "x.pyc").write_bytes(b"x")
    (house / "runs" / "mine").mkdir(parents=True)
    subprocess.run(["make", "space"], cwd=house, check=True, capture_output=True)
    return house / "build" / "space"


# --- what it is --------------------------------------------------------------------------------------


def test_the_folder_holds_the_app_and_nothing_else(built: Path) -> None:
    top = {path.name for path in built.iterdir()}
    files = {"Dockerfile", "README.md", "start.py", "app.py", "requirements.txt", "LICENSE"}
    assert top == files | {"gan", "pages", "ui", "static", ".streamlit"}
    everything = [path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()]
    assert not [name for name in everything if re.search(r"\.pyc|\.env|secret|test|plotly\.min", name)]
    sources = [file for part in ("gan", "pages", "ui") for file in (HOUSE / part).rglob("*.py")]
    assert {".streamlit/config.toml", *(str(file.relative_to(HOUSE)) for file in sources)} <= set(everything)


def test_the_readme_tells_the_hub_what_it_is(built: Path) -> None:
    head = yaml.safe_load((built / "README.md").read_text().split("---")[1])
    assert head["sdk"] == "docker" and head["app_port"] == 8501 and head["suggested_hardware"] == "t4-small"
    assert head["hf_oauth"] is True and head["hf_oauth_scopes"] == ["contribute-repos"]
    assert len(head["short_description"]) <= 60 and "gan-workbench" in head["tags"]


def test_the_image_runs_as_user_1000_on_the_port_with_a_health_check_and_no_secret() -> None:
    kinds = [kind for kind, _ in instructions()]
    assert ("USER", "user") in instructions() and "--uid 1000 user" in str(instructions())
    last_user = max(index for index, kind in enumerate(kinds) if kind == "USER")
    assert all(kinds.index(kind) > last_user for kind in ("COPY", "EXPOSE", "CMD"))
    assert ("EXPOSE", "8501") in instructions() and "HEALTHCHECK" in kinds
    assert not re.search(r"hf_[A-Za-z0-9]{8}|TOKEN=\S", (HOUSE / "space" / "Dockerfile").read_text())
    assert "XSRF" not in (HOUSE / ".streamlit" / "config.toml").read_text().upper()  # on the Space alone


# --- how it starts -----------------------------------------------------------------------------------


Started = tuple[str, list[str], dict[str, str]]  # what it says, streamlit's arguments, and its environment


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., Started]:
    """Run start.py with a streamlit that only tells its environment."""
    tools = tmp_path / "bin"
    tools.mkdir()
    fake = f"#!{sys.executable}\nimport json, os, sys\nprint(json.dumps([sys.argv[1:], dict(os.environ)]))\n"
    (tools / "streamlit").write_text(fake)
    (tools / "streamlit").chmod(0o755)

    def run(kept: Path, **more: str) -> Started:
        settings = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tmp_path / "home")} | more
        script = [sys.executable, str(HOUSE / "space" / "start.py"), str(kept)]
        output = subprocess.run(script, env=settings, capture_output=True, text=True, check=True)
        said, result = output.stdout.splitlines()
        return said, *json.loads(result)

    return run


def test_runs_lie_on_the_storage_that_lasts_where_there_is_one(
    start: Callable[..., Started], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    said, arguments, settings = start(tmp_path / "data")
    assert arguments == ["run", str(HOUSE / "space" / "app.py")]  # beside start.py, wherever it is started
    assert settings["GAN_RUNS"] == str(tmp_path / "data" / "runs") and "they last" in said
    said, _, settings = start(tmp_path / "nothing")
    assert settings["GAN_RUNS"] == str(tmp_path / "home" / "runs") and "a restart wipes them" in said
    assert not list((tmp_path / "data").iterdir())  # the probe leaves nothing
    _, _, settings = start(tmp_path / "data", GAN_RUNS="/somewhere/else")
    assert settings["GAN_RUNS"] == "/somewhere/else"


def test_the_owner_s_token_never_reaches_the_app(start: Callable[..., Started], tmp_path: Path) -> None:
    _, _, settings = start(tmp_path, HF_TOKEN="hf_owner", HUGGING_FACE_HUB_TOKEN="hf_owner")
    assert "hf_owner" not in json.dumps(settings)
    assert settings["HF_HUB_DISABLE_IMPLICIT_TOKEN"] == "1"


def test_storage_that_can_not_hold_a_run_is_passed_by_and_the_log_says_why(
    start: Callable[..., Started], tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("no folder")
    said, _, settings = start(tmp_path / "data")
    assert settings["GAN_RUNS"] == str(tmp_path / "home" / "runs") and "it is not there" in said
    said, _, settings = start(Path("/proc"))  # a folder in which nobody can write
    assert settings["GAN_RUNS"] == str(tmp_path / "home" / "runs") and "/proc:" in said


# --- run as the Space would --------------------------------------------------------------------------


class Space:
    """The built folder, run by its own CMD with its own ENV, on another port."""

    def __init__(self, built: Path, home: Path) -> None:
        self.port, self.log = free_port(), home / "log"
        own = {key: value for key, value in environment().items() if key not in ("HOME", "PATH")}
        own |= {"STREAMLIT_SERVER_PORT": str(self.port), "HOME": str(home), "SPACE_ID": "ada/gan"}
        own |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*command("CMD"), str(home / "data")], cwd=built, env=own, stdout=log, stderr=log
            )

    def is_healthy(self) -> bool:
        """What its HEALTHCHECK says."""
        check = [part.replace("8501", str(self.port)) for part in command("HEALTHCHECK")]
        return subprocess.run([sys.executable, *check[1:]], capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def space(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Space]:
    space = Space(built, tmp_path_factory.mktemp("home"))
    wait_until(space.is_healthy, "the health check passes")
    yield space
    space.process.terminate()
    space.process.wait(60)
    text = space.log.read_text()
    assert "Traceback" not in text, text


def test_inside_another_site_s_frame_the_app_stands_and_takes_uploads(
    space: Space, browser: Browser, tmp_path: Path
) -> None:
    app = f"http://localhost:{space.port}"
    with outer_page(f"<iframe src='{app}/runs' width=1200 height=760></iframe>".encode()) as address:
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        block_third_party_cookies(page, app)
        page.goto(address)  # 127.0.0.1 is another site than localhost
        frame = page.frame_locator("iframe")
        expect(frame.get_by_text("Your runs belong to this browser")).to_be_visible()
        expect(frame.get_by_text("200,000 steps a run")).to_be_visible()
        frame.get_by_role("button", name="Import").click()
        wrong = tmp_path / "wrong.zip"
        wrong.write_bytes(b"no ZIP")
        frame.locator("input[type=file]").set_input_files(wrong)
        expect(frame.get_by_text("no ZIP of a run that can be read")).to_be_visible()


def block_third_party_cookies(page: Page, app: str) -> None:
    """No cookie of the app's leaves the browser, as where third-party cookies are forbidden."""

    def without(route: Route) -> None:
        headers = {key: value for key, value in route.request.headers.items() if key != "cookie"}
        route.continue_(headers=headers)

    page.route(f"{app}/**", without)


class outer_page:
    """A page of another site."""

    def __init__(self, content: bytes) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Nothing is printed."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def put_without_cookie(port: int) -> int:
    """The status of an upload that carries no cookie."""
    request = Request(f"http://localhost:{port}/_stcore/upload_file/x/y", data=b"x", method="PUT")
    try:
        return urlopen(request, timeout=10).status
    except HTTPError as error:
        return error.code


def test_an_upload_without_its_cookie_is_refused_at_home_and_not_on_the_space(
    space: Space, tmp_path: Path
) -> None:
    with Server(tmp_path) as home:
        assert put_without_cookie(home.port) == 403
        assert put_without_cookie(space.port) != 403


def test_the_app_answers_under_the_space_s_own_name(space: Space, browser: Browser) -> None:
    """A page that was reached under a name the server does not know keeps its connection, too."""
    rule = "--host-resolver-rules=MAP ada-gan.hf.space 127.0.0.1"
    other = browser.browser_type.launch(executable_path=find_chromium(), args=[*FLAGS, rule])
    try:
        page = other.new_page()
        page.goto(f"http://ada-gan.hf.space:{space.port}")
        expect(page.get_by_text("Pick a recipe, press Start")).to_be_visible()
    finally:
        other.close()
