"""Files that are made when somebody asks for them: what goes wrong on the way is said on the page."""

import ast
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from bench.browser import HOUSE
from gan.pictures.png import png
from gan.recipes.table import RECIPES
from gan.runs.info import DataInfo, RunInfo
from gan.runs.run import Run, runs_root
from tests.ui.test_pages import button, errors


def page_that_offers() -> None:
    import streamlit as st

    from ui.session.dialogs import show_next_dialog
    from ui.session.download import offer

    st.button("Ask", on_click=offer, args=("ZIP", "mine", st.session_state["make"]))
    show_next_dialog()


def asked_for(make: Callable[[], bytes]) -> AppTest:
    """A page after a click that asks for what `make` makes."""
    app = AppTest.from_function(page_that_offers)
    app.session_state["make"] = make
    return app.run().button[0].click().run()


def offers(app: AppTest) -> list[str]:
    """The download buttons' labels."""
    return [found.proto.label for found in app.get("download_button")]


def archive_of_1970() -> bytes:
    with zipfile.ZipFile(BytesIO(), "w") as archive:
        archive.writestr(zipfile.ZipInfo("history.f32", (1970, 1, 1, 0, 0, 0)), b"")
    return b""


def too_much() -> bytes:
    raise MemoryError


def no_file() -> bytes:
    return Path("/nowhere/00000000.png").read_bytes()


@pytest.mark.parametrize(
    "make, said",
    [
        (no_file, "mine.zip can't be made: /nowhere/00000000.png can't be read or written (No such file"),
        (too_much, "The memory is full"),
        (archive_of_1970, "ZIP does not support timestamps before 1980"),
    ],
)
def test_what_goes_wrong_while_a_file_is_made_is_one_sentence(make: Callable[[], bytes], said: str) -> None:
    app = asked_for(make)
    (error,) = errors(app)
    assert said in error and not offers(app)


def test_a_file_that_was_made_is_offered_with_its_size() -> None:
    app = asked_for(lambda: bytes(3400))
    assert not errors(app) and offers(app) == ["Download ZIP, 3 kB"]


@pytest.fixture
def run() -> Run:
    """A finished run with one picture."""
    run = Run.make(runs_root() / "mine")
    facts = {"recipe": RECIPES["mlp"], "data": DataInfo(name="digits", images=1797), "seed": 1, "steps": 9}
    run.write(RunInfo(**facts, created="2026-11-21T00:00:00+00:00", state="finished", torch="2", step=9))
    return run


def opened(page: str) -> AppTest:
    app = AppTest.from_file(str(HOUSE / "app.py"), default_timeout=60)
    app.query_params["run"] = "mine"
    return app.run().switch_page(f"pages/{page}.py").run()


def test_a_film_of_a_damaged_picture_says_so_on_the_page(run: Run) -> None:
    run.write_sample(0, png(Image.new("L", (8, 8)))[:-20])
    app = opened("train")
    button(app, "GIF").click().run()
    (error,) = errors(app)
    assert error.startswith("samples/00000000.png is a damaged picture: remove it") and not offers(app)


def test_a_film_is_made_and_offered(run: Run) -> None:
    run.write_sample(0, png(Image.new("L", (8, 8))))
    app = opened("train")
    for kind in ("GIF", "MP4"):
        button(app, kind).click().run()
        assert not errors(app) and offers(app)[0].startswith(f"Download {kind}, ")


def test_no_download_button_is_given_a_function() -> None:
    """Streamlit would call it behind the click, and keep to itself what goes wrong."""
    files = [*HOUSE.glob("ui/**/*.py"), *HOUSE.glob("pages/*.py")]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    contents = [node.args[1] for node in nodes if is_download(node)]
    functions = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    assert len(contents) >= 5
    assert not [content for content in contents if isinstance(content, ast.Lambda)]
    assert not functions & {content.id for content in contents if isinstance(content, ast.Name)}


def is_download(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "download_button"
