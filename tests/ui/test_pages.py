"""Pages without a browser: what they show, what they refuse, and what the code behind them must not do."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from bench.browser import HOUSE
from gan.recipes.table import RECIPES
from gan.runs.info import DataInfo, RunInfo
from gan.runs.run import Run
from tests.other_user import others_may_read, shut

PAGES = ("app.py", "pages/*.py", "ui/**/*.py")


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("GAN_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GAN_DATA", str(tmp_path / "data"))
    return AppTest.from_file(str(HOUSE / "app.py"), default_timeout=60).run()


def errors(app: AppTest) -> list[str]:
    assert not app.exception
    return [re.sub(r"\\(.)", r"\1", error.value) for error in app.error]  # markdown's escapes


def button(app: AppTest, label: str) -> Button:
    return next(found for found in app.button if found.label == label)


def test_the_first_page_invites_to_start(app: AppTest) -> None:
    assert not errors(app)
    assert any("Pick a recipe" in markdown.value for markdown in app.markdown)
    assert not button(app, "Start").disabled
    assert button(app, "Stop").disabled and button(app, "Save").disabled
    assert app.selectbox(key="data").value == "digits"


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_brings_its_own_numbers(app: AppTest, name: str) -> None:
    app.selectbox(key="recipe").set_value(name).run()
    recipe = RECIPES[name]
    assert app.select_slider(key="g_rate").value == recipe.g_rate
    assert app.select_slider(key="d_rate").value == recipe.d_rate
    assert app.selectbox(key="batch_size").value == recipe.batch_size
    assert app.number_input(key="steps").value == recipe.length(1797)


def test_a_larger_batch_makes_epochs_shorter_and_the_length_follows(app: AppTest) -> None:
    app.selectbox(key="batch_size").set_value(128).run()
    assert app.number_input(key="steps").value == 100 * 15  # 1,797 images in batches of 128: 15 an epoch


@pytest.mark.parametrize(
    "sent, meant", [("MNIST · not here yet", "mnist"), ("?", "digits"), ("mnist", "mnist")]
)
def test_a_label_from_before_is_understood(monkeypatch: pytest.MonkeyPatch, sent: str, meant: str) -> None:
    """A browser may answer with the label it still shows, while the page knows more by now."""
    from ui.train import settings

    state = {"device": "Automatic", "data": sent}
    monkeypatch.setattr(settings.st, "session_state", state)
    settings._mend_choices()
    assert state == {"device": "auto", "data": meant}


def test_mnist_that_is_not_here_is_offered_for_download_and_not_started(app: AppTest) -> None:
    app.selectbox(key="data").set_value("mnist").run()
    assert button(app, "Download MNIST (12 MB)")
    button(app, "Start").click().run()
    assert any("MNIST is not here yet" in error for error in errors(app))
    assert not list(Path(app_runs()).glob("*"))


def test_a_truncated_mnist_is_named_and_nothing_starts(app: AppTest, tmp_path: Path) -> None:
    file = tmp_path / "data" / "MNIST" / "raw" / "train-images-idx3-ubyte"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"\0\0")
    app.selectbox(key="data").set_value("mnist").run()
    button(app, "Start").click().run()
    assert any("MNIST" in error for error in errors(app))
    assert not list(Path(app_runs()).glob("*"))


def app_runs() -> Path:
    from gan.runs.run import runs_root

    root = runs_root()
    root.mkdir(exist_ok=True)
    return root


def test_a_runs_folder_that_can_not_be_written_is_named(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("GAN_RUNS", str(tmp_path / "file" / "runs"))
    button(app, "Start").click().run()
    assert any(
        "can't be written" in error and str(tmp_path / "file" / "runs") in error for error in errors(app)
    )


def test_an_address_that_names_no_run_is_refused_and_forgotten(app: AppTest) -> None:
    for name in ("nothing-like-it", "../../etc", "a\nb"):
        app = AppTest.from_file(str(HOUSE / "app.py"), default_timeout=60)
        app.query_params["run"] = name
        app.run()
        assert any("There is no run" in error for error in errors(app))
        assert "run" not in app.query_params
        assert not button(app, "Start").disabled


def test_generate_says_what_to_do_where_there_is_nothing_yet(app: AppTest) -> None:
    app.switch_page("pages/generate.py").run()
    assert not errors(app)
    assert any("Nothing to draw from yet" in markdown.value for markdown in app.markdown)


def test_generate_refuses_files_that_are_no_generator(app: AppTest) -> None:
    app.switch_page("pages/generate.py").run()
    for files, complaint in (
        ([("model.safetensors", b"hello")], "two files"),
        ([("config.json", b"{}"), ("model.safetensors", b"hello")], "config.json can't be used"),
        ([("both.zip", b"PK not a zip")], "no ZIP"),
    ):
        uploader = app.file_uploader(key="files")
        uploader.set_value([(name, content, "application/octet-stream") for name, content in files]).run()
        assert any(complaint in error for error in errors(app)), complaint


def test_a_run_of_recipes_and_data_unknown_here_is_listed_and_opened(app: AppTest, tmp_path: Path) -> None:
    run = Run.make(tmp_path / "runs" / "imported")
    recipe = RECIPES["mlp"].model_copy(update={"name": "theirs", "title": "Theirs"})
    facts = {"seed": 1, "steps": 9, "created": "?", "torch": "2.15.0+cu132", "state": "stopped"}
    run.write(RunInfo(recipe=recipe, data=DataInfo(name="cats"), **facts))
    app.switch_page("pages/runs.py").run()
    assert not errors(app) and any("Theirs on cats" in caption.value for caption in app.caption)
    app.query_params["run"] = "imported"
    app.switch_page("pages/train.py").run()
    assert not errors(app)


@pytest.mark.parametrize(
    "text",
    ["![x](http://evil/x.png)", "www.evil.com", "x@evil.com", "<b>x</b>", "http://evil", "a_b*c*", ":red[x]"],
)
def test_a_stranger_s_words_are_no_markup(text: str) -> None:
    from ui.session.notices import NO_LINK, escape_markdown

    escaped = escape_markdown(text)
    assert not re.search(r"(?<!\\)[\[\]()<>*_:]|www\.|\w@|://", escaped)
    assert re.sub(r"\\(.)", r"\1", escaped).replace(NO_LINK, "") == text


def test_a_refusal_holds_nothing_that_moves_a_terminal() -> None:
    from gan.errors import Problem

    assert str(Problem("There is no {name}.", name="\x1b]0;evil\x07\u202ex\n")) == "There is no  ]0;evil  x ."


def test_the_app_process_never_imports_torch() -> None:
    script = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        "app = AppTest.from_file('app.py', default_timeout=60).run()\n"
        "app.switch_page('pages/generate.py').run()\n"
        "assert not app.exception\n"
        "print('torch' in sys.modules, 'torchvision' in sys.modules, 'sklearn' in sys.modules)\n"
    )
    output = subprocess.run(
        [sys.executable, "-c", script], cwd=HOUSE, capture_output=True, text=True, timeout=120
    )
    assert output.stdout.split() == ["False", "False", "False"], output.stderr


def test_every_visible_string_goes_through_the_translation() -> None:
    """A literal with a letter in it, given to a widget as its text, is a sentence nobody can translate."""
    literals = []
    for pattern in PAGES:
        for file in HOUSE.glob(pattern):
            for call in ast.walk(ast.parse(file.read_text())):
                if is_widget(call):
                    literals += [
                        f"{file.name}:{text.lineno} {ast.unparse(text)}" for text in literal_texts(call)
                    ]
    assert not literals


WITHOUT_TEXT = {
    "space",
    "fragment",
    "logo",
    "set_page_config",
    "Page",
    "component",
    "columns",
    "code",
    "setdefault",
    "form",
}
OUR_WIDGETS = {"action", "dialog_button"}  # of ui.components.widgets and ui.session.dialogs
TEXT_ARGUMENTS = {"label", "help", "text", "caption", "alt", "title", "placeholder", "body"}


def is_widget(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in OUR_WIDGETS
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func).startswith("st.")
        and not ast.unparse(node.func).startswith(("st.session_state", "st.query_params", "st.column_config"))
        and node.func.attr not in WITHOUT_TEXT
    )


def literal_texts(call: ast.Call) -> list[ast.expr]:
    texts = call.args[:1] + [word.value for word in call.keywords if word.arg in TEXT_ARGUMENTS]
    return [text for text in texts if has_words(text)]


def has_words(node: ast.expr) -> bool:
    """A literal, or the literal parts of an f-string, with a word of two letters in them (paths are none)."""
    if isinstance(node, ast.JoinedStr):
        return any(has_words(part) for part in node.values)
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or "/" in node.value:
        return False
    text = node.value.split("[")[-1] if node.value.startswith(":") else node.value
    return any(
        word.isalpha() and len(word) > 1 and word != "emsp" for word in text.replace("&emsp;", " ").split()
    )


# --- what can't be told or read -----------------------------------------------------------------------


def opened(**query: str) -> AppTest:
    """The Train page at that address."""
    app = AppTest.from_file(str(HOUSE / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def a_run(folder: Path, **facts: object) -> Run:
    run = Run.make(folder)
    about = {"seed": 1, "steps": 9, "created": "2026-11-21T00:00:00+00:00", "torch": "2"}
    run.write(RunInfo(recipe=RECIPES["mlp"], data=DataInfo(name="digits"), **about | facts))
    return run


def test_a_name_of_ninety_letters_of_three_bytes_is_no_run_and_no_error(app: AppTest) -> None:
    app_runs()
    assert any("There is no run '한한" in error for error in errors(opened(run="한" * 90)))


def test_a_run_of_which_nobody_can_tell_is_shown_so_and_nothing_is_offered(app: AppTest) -> None:
    run = a_run(app_runs() / "theirs", state="running", pid=4711)
    run.lock.file.mkdir()  # in its place, as one that may not be opened
    app = opened(run="theirs")
    assert not errors(app)
    assert any("Unknown" in markdown.value for markdown in app.markdown)
    told = [re.sub(r"\\(.)", r"\1", warning.value) for warning in app.warning]
    assert any("Nobody can tell from here whether run theirs is in training" in text for text in told)
    assert button(app, "Resume").disabled and button(app, "Save").disabled
    assert not [one for one in app.button if "Delete" in one.label]
    app.switch_page("pages/runs.py").run()
    assert not errors(app)
    source = str(app.main)
    assert "Download…" in source and "Rename…" not in source and "Duplicate" not in source


def test_a_free_run_is_offered_all(app: AppTest) -> None:
    a_run(app_runs() / "mine", state="running")
    app = opened(run="mine")
    assert any("Interrupted" in markdown.value for markdown in app.markdown)
    assert not button(app, "Resume").disabled and button(app, "Delete this run…")
    app.switch_page("pages/runs.py").run()
    assert "Rename…" in str(app.main)


@pytest.mark.parametrize("page", ["train", "generate", "runs", "hub"])
def test_a_runs_folder_that_can_not_be_is_a_sentence_on_every_page(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, page: str, tmp_path: Path
) -> None:
    (tmp_path / "circle").symlink_to("circle")
    app.switch_page(f"pages/{page}.py").run()
    for folder, said in (
        ("~nosuchuser/x", "GAN_RUNS is '~nosuchuser/x'"),
        (str(tmp_path / "circle"), "Too many levels of symbolic links"),
        (str(tmp_path / ("x" * 300)), "File name too long"),
    ):
        monkeypatch.setenv("GAN_RUNS", folder)
        app.run()
        assert any(said in error for error in errors(app)), (folder, errors(app))


@pytest.mark.skipif(not others_may_read(HOUSE / "app.py"), reason="the pages themselves are root's alone")
def test_a_run_of_another_user_is_named_and_takes_no_page_down(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, open_folder: Path
) -> None:
    theirs, mine = (
        a_run(open_folder / "theirs", state="stopped"),
        a_run(open_folder / "mine", state="stopped"),
    )
    (theirs.path / "events.jsonl").write_text("")
    monkeypatch.setenv("GAN_RUNS", str(open_folder))
    app.switch_page("pages/runs.py").run()
    assert not errors(app)
    with shut(theirs.path / "events.jsonl"):
        app.run()
    captions = " ".join(re.sub(r"\\(.)", r"\1", caption.value) for caption in app.caption)
    assert "events.jsonl can't be read (Permission denied)" in captions
    assert any(f"**{mine.name}**" in markdown.value for markdown in app.markdown) and not errors(app)
    with shut(theirs.path):
        assert any(
            "run.json can't be read (Permission denied)" in one for one in errors(opened(run="theirs"))
        )
