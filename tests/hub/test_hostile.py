"""Repositories that mean harm, pulled for real: none crashes, none is large in memory, each gets its message.

The hostile files of tests.test_weights are put into repositories; beside them, what only a repository can do.
"""

import json
import subprocess
import sys

import pytest

from bench.browser import HOUSE
from gan.nets.pair import Generator
from gan.nets.weights import generator_files
from gan.recipes.table import RECIPES
from tests.generators import config_for
from tests.nets.test_weights import HOSTILE_CONFIGS, HOSTILE_WEIGHTS, with_values

RECIPE = RECIPES["mlp"].with_changes({"hidden": (3, 4), "latent_size": 5})
MOST = 300 << 20  # bytes that any of them may take

# Pulls and loads repositories, one a line, and tells in a line of JSON: what was said, what is kept, memory.
PULLER = """
import json, sys
from pathlib import Path
from gan.hub.repos import look_up, pull
from gan.jobs import Job
from gan.hub.downloads import keep_download, downloads_in
from gan.nets.weights import load_generator
from gan.errors import Problem
from tests.memory import forget_peak, peak

home, job = Path(sys.argv[1]), Job(lambda job: None)
for repo in sys.stdin.read().split("\\n"):
    said = ""
    before = forget_peak()
    try:
        found = look_up(repo, None, False)
        files = pull(found, False, job)
        load_generator(files["config.json"], files["model.safetensors"])
        keep_download(home, found.repo_id, found.sha, found.private, files)
    except Problem as problem:
        said = str(problem)
    grown = peak() - before
    kept = [one.repo_id for one in downloads_in(home)]
    print(json.dumps({"repo": repo, "said": said, "grown": grown, "kept": kept}), flush=True)
"""


@pytest.fixture(scope="module")
def good() -> dict[str, bytes]:
    net = Generator(4, 4, 1, 5, recipe=RECIPE).model()
    config, weights = generator_files(net.state_dict(), config_for(RECIPE, 4))
    return {
        "README.md": b"---\ntags:\n- gan-workbench\n---\n",
        "config.json": config,
        "model.safetensors": weights,
    }


@pytest.fixture(scope="module")
def kinds(good, tmp_path_factory) -> dict[str, tuple[dict, dict]]:
    return repositories(good, tmp_path_factory.mktemp("hostile"))


def without(files, name) -> dict[str, bytes]:
    return {key: content for key, content in files.items() if key != name}


def repositories(good, folder) -> dict[str, tuple[dict, dict]]:
    """Files and claimed sizes by kind."""
    config, weights = good["config.json"], good["model.safetensors"]
    kinds = {
        f"weights: {kind}": ({**good, "model.safetensors": make(weights, folder)}, {})
        for kind, make in HOSTILE_WEIGHTS.items()
    }
    kinds |= {
        f"config: {kind}": ({**good, "config.json": make(config)}, {})
        for kind, make in HOSTILE_CONFIGS.items()
    }
    markup = with_values(data__name="![x](http://evil/x.png)", recipe__title="<script>alert(1)</script>")
    kinds |= {
        "markup in the config": ({**good, "config.json": markup(config)}, {}),
        "code to run on loading": (
            {**good, "config.json": with_values(auto_map={"AutoModel": "x.py"})(config)},
            {},
        ),
        "no config": (without(good, "config.json"), {}),
        "no weights": (without(good, "model.safetensors"), {}),
        "a pickle alone": (without(good, "model.safetensors") | {"pytorch_model.bin": b"\x80\x04"}, {}),
        "nothing": ({}, {}),
        "paths that climb": (
            {f"../../{name}": content for name, content in good.items()}
            | {"/etc/cron.d/evil": b"x", "sub/../config.json": config},
            {},
        ),
        "a link for a config": ({**good, "config.json": b"../../../../etc/passwd"}, {}),
        "a link for weights": ({**good, "model.safetensors": b"/proc/self/environ"}, {}),
        "names in another case": (
            {"Config.json": config, "MODEL.safetensors": weights},
            {},
        ),
    }
    return kinds | sizes_that_lie(good)


def sizes_that_lie(good: dict[str, bytes]) -> dict[str, tuple[dict, dict]]:
    """Where the Hub tells another size than it sends, or one that can't be."""
    weights = good["model.safetensors"]
    return {
        "4 TB claimed": (good, {"model.safetensors": 4 << 40}),
        "60 MB claimed, tiny network": (good, {"model.safetensors": 60_000_000}),
        "190 MB sent, tiny network": ({**good, "model.safetensors": bytes(190_000_000)}, {}),
        "1 MB claimed, 190 MB sent": (
            {**good, "model.safetensors": bytes(190_000_000)},
            {"model.safetensors": 1_000_000},
        ),
        "less claimed than sent": (good, {"model.safetensors": len(weights) - 8}),
        "more claimed than sent": (good, {"model.safetensors": len(weights) + 8}),
        "a negative size": (good, {"config.json": -5}),
        "a config of another size": (good, {"config.json": 12}),
        "a config of 1 GB claimed": (good, {"config.json": 1 << 30}),
    }


def pull_all(hub, home, repos: list[str]) -> list[dict]:
    """Pull them in one process of its own."""
    import os

    settings = os.environ | {"HF_ENDPOINT": hub.address, "OMP_NUM_THREADS": "1"}
    output = subprocess.run(
        [sys.executable, "-c", PULLER, str(home)],
        input="\n".join(repos),
        cwd=HOUSE,
        env=settings,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert output.returncode == 0, output.stderr
    return [json.loads(line) for line in output.stdout.splitlines()]


def test_no_hostile_repository_is_kept_or_crashes_or_is_large(hub, good, kinds, tmp_path) -> None:
    assert len(kinds) > 75
    names = {f"eve/kind-{number}": kind for number, kind in enumerate(kinds)}
    for repo, kind in names.items():
        files, claims = kinds[kind]
        hub.repo(repo, files, claims=claims)
    hub.repo("ada/good", good)
    told = pull_all(hub, tmp_path / "home", ["ada/good", *names])
    assert told[0]["said"] == "" and len(told) == len(kinds) + 1
    for one in told[1:]:
        kind = names[one["repo"]]
        assert one["said"].isprintable() and 30 < len(one["said"]) < 600, (kind, one["said"])
        assert one["said"].rstrip(".)").strip(), kind
        assert one["kept"] == ["ada/good"], kind
        assert one["grown"] < MOST, (kind, one["grown"])
    written = {path.name for path in (tmp_path / "home").rglob("*") if path.is_file()}
    assert written == {"config.json", "model.safetensors", "README.md", "origin.json"}
    assert not hub.heard("GET", "pytorch_model|evil|passwd")


@pytest.mark.parametrize(
    "kind, said",
    [
        ("no weights", "has no model.safetensors: it is no generator"),
        ("a pickle alone", "has no model.safetensors"),
        ("4 TB claimed", "more than the 129,048,576 it can need"),
        ("60 MB claimed, tiny network", "more than the 1,049,032 it can need"),
        ("1 MB claimed, 190 MB sent", "larger than the Hub says|not of the size|came incomplete|broke"),
        # 3 × 6 + 4 × 4 + 16 × 5 = 114 parameters of 4 bytes, and 1 MiB of header
        ("a link for a config", "config.json is not JSON"),
        ("code to run on loading", "config.json can't be used: auto_map"),
    ],
)
def test_the_message_says_what_is_wrong(hub, kinds, kind, said) -> None:
    from gan.errors import Problem
    from gan.hub.repos import look_up, pull
    from gan.jobs import Job

    files, claims = kinds[kind]
    hub.repo("eve/evil", files, claims=claims)
    with pytest.raises(Problem, match=said):
        pull(look_up("eve/evil", None, False), False, Job(lambda job: None))


def test_nothing_large_is_downloaded_before_it_is_known_to_fit(hub, kinds) -> None:
    from gan.errors import Problem
    from gan.hub.repos import look_up, pull
    from gan.jobs import Job

    files, claims = kinds["60 MB claimed, tiny network"]
    hub.repo("eve/evil", files, claims=claims)
    with pytest.raises(Problem):
        pull(look_up("eve/evil", None, False), False, Job(lambda job: None))
    assert not hub.heard("GET", "/lfs/") and not hub.heard("HEAD", "safetensors")


def test_a_card_full_of_script_comes_as_text_and_one_too_large_does_not_come(hub, good, tmp_path) -> None:
    script = b"<script>alert(1)</script>\n![x](http://evil/x.png)\n"
    hub.repo("eve/script", {**good, "README.md": script})
    hub.repo("eve/large", {**good, "README.md": script * 10_000, "samples.png": bytes(5 << 20)})
    told = pull_all(hub, tmp_path / "home", ["eve/script", "eve/large"])
    assert [one["said"] for one in told] == ["", ""]
    cards = {
        path.parent.name.split("@")[0]: path.read_bytes()
        for path in tmp_path.glob("home/.pulled/*/README.md")
    }
    assert cards == {"eve--script": script}
    assert not list(tmp_path.glob("home/.pulled/*/samples.png"))
