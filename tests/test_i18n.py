"""Sentences in the language of who reads them."""

import ast
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gan import i18n
from gan.errors import Problem
from gan.i18n import t
from gan.jobs import Job
from tests.test_layers import modules

DEFINITION = ast.FunctionDef | ast.ClassDef  # whose decorators alone run at the import
SENTENCES = {"Run {name} is gone": "실행 {name}이(가) 없습니다"}


def catalogue(sentences: dict[str, str]) -> bytes:
    """A gettext .mo file: a header of seven numbers, two tables of lengths and places, the texts."""
    texts = {"": "Content-Type: text/plain; charset=UTF-8\n"} | sentences
    keys = sorted(texts)
    count = len(keys)
    at, tables, content = 28 + 16 * count, [], b""
    for column in (keys, [texts[key] for key in keys]):
        for text in column:
            encoded = text.encode()
            tables.append(struct.pack("<II", len(encoded), at + len(content)))
            content += encoded + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0) + b"".join(tables) + content


@pytest.fixture(autouse=True)
def korean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Korean catalogue, and nobody whose language is known."""
    folder = tmp_path / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "gan.mo").write_bytes(catalogue(SENTENCES))
    monkeypatch.setattr(i18n, "LOCALE", tmp_path)
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    i18n._catalogue.cache_clear()
    yield
    i18n.follow(i18n._nobody)
    i18n.speak("")
    i18n._catalogue.cache_clear()


def in_a_thread(language: str, sentence: object) -> str:
    """The sentence as somebody of that language reads it on a thread of their own."""
    read = []

    def reader() -> None:
        i18n.speak(language)
        read.append(str(sentence))

    thread = threading.Thread(target=reader)
    thread.start()
    thread.join()
    return read[0]


def test_two_readers_of_one_process_read_the_same_problem_each_in_their_language() -> None:
    problem = Problem("Run {name} is gone", name="x")
    assert in_a_thread("ko-KR", problem) == "실행 x이(가) 없습니다"
    assert in_a_thread("en-GB", problem) == "Run x is gone"
    assert str(problem) == "Run x is gone"


def test_the_reader_s_browser_is_asked_each_time() -> None:
    languages = ["ko", None, "en"]
    i18n.follow(lambda: languages[0])
    assert t("Run {name} is gone", name="x").startswith("실행")
    languages.pop(0)
    assert t("Run {name} is gone", name="x") == "Run x is gone"


@pytest.mark.parametrize("sent", ["../../etc", "ko/../..", "k" * 500, "", "ko\0"])
def test_what_a_browser_sends_is_no_path(sent: str) -> None:
    i18n.follow(lambda: sent)
    assert i18n.language() == "" and t("Run {name} is gone", name="x") == "Run x is gone"


def test_a_job_speaks_the_language_of_who_asked_for_it() -> None:
    i18n.speak("ko")
    job = Job(lambda job: t("Run {name} is gone", name="x"))
    job.wait(20)
    assert job.result == "실행 x이(가) 없습니다"


def test_a_problem_of_another_process_is_read_in_the_language_of_this_one() -> None:
    sent = Problem("Run {name} is gone", name=3).to_json()
    assert in_a_thread("ko", Problem.from_json(sent)) == "실행 3이(가) 없습니다"


def test_nothing_is_translated_while_modules_are_imported() -> None:
    early = [
        f"{name}:{node.lineno}"
        for name, file in modules().items()
        if name != "app"  # which runs anew for each reader
        for statement in ast.parse(file.read_text()).body
        for part in (statement.decorator_list if isinstance(statement, DEFINITION) else [statement])
        for node in ast.walk(part)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t"
    ]
    assert not [place for place in early if not place.startswith("pages.")], early
