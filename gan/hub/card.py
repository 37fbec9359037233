"""The model card a generator is shared with: what it is, how it was made, of whose data, how to use it."""

import json

from huggingface_hub import ModelCardData

from gan.charts import curves
from gan.data.datasets import NAMED_LIKE, title
from gan.generator.config import PREFIX, GeneratorConfig
from gan.hub.client import RUN_TAG, TAG
from gan.recipes.architectures import ARCHITECTURES
from gan.recipes.fields import rate
from gan.recipes.numerics import Numerics
from gan.recipes.recipe import Recipe
from gan.runs.events import Edit, Event, Forked
from gan.runs.history import HistorySummary
from gan.runs.info import RunInfo

ON_THE_HUB = {"mnist": "ylecun/mnist"}  # data sets the Hub knows by a name of its own


def write_card(
    config: GeneratorConfig,
    repo_id: str,
    licence: str = "mit",
    revision: str | None = None,
    info: RunInfo | None = None,
    summary: HistorySummary | None = None,
    events: list[Event] | None = None,
    whole: bool = False,
) -> str:
    """`README.md` of a generator. What its run says (`info`, `summary`, `events`) is left out where there is
    none; `whole` says that the run itself comes along.
    """
    name = repo_id.split("/")[-1]
    parts = [
        f"---\n{_metadata(config, name, licence, whole)}\n---\n",
        f"# {name}\n\n![25 pictures drawn by this generator](samples.png)\n",
        _introduction(config, info),
        _training(config, info, events or []),
        _curves(summary) if summary is not None and summary.count else "",
        _use(config, repo_id, revision),
        _limits(config),
    ]
    return "\n".join(filter(None, parts))


def _metadata(config: GeneratorConfig, name: str, licence: str, whole: bool) -> str:
    dataset = ON_THE_HUB.get(config.data.name)
    data_tag = [] if config.data.name.startswith(NAMED_LIKE) else [config.data.name]
    data = ModelCardData(
        license=licence,
        library_name="pytorch",
        pipeline_tag="unconditional-image-generation",
        tags=[TAG, "gan", config.recipe.name, *data_tag, *([RUN_TAG] if whole else [])],
        datasets=[dataset] if dataset else None,
        model_name=name,
    )
    return data.to_yaml()


def _introduction(config: GeneratorConfig, info: RunInfo | None) -> str:
    channels, height, width = config.shape
    kind = "grey" if channels == 1 else "colour"
    effort = ""
    if info and info.seconds and config.step == info.step:
        device = "a CPU" if info.device == "cpu" else info.device
        effort = f", {_minutes(info.seconds)} of training on {device}"
    return (
        f"The generator of a generative adversarial network, **{config.recipe.title}**, that draws {kind} "
        f"pictures of {width}×{height} pixels. It was trained on **{title(config.data.name)}** for "
        f"{config.step:,} steps{effort}, with {config.made_by}.\n"
    )


def _minutes(seconds: float) -> str:
    if seconds >= 90:
        return f"{seconds / 60:.1f} minutes"
    return "a second" if seconds < 1.5 else f"{seconds:.0f} seconds"


def _training(config: GeneratorConfig, info: RunInfo | None, events: list[Event]) -> str:
    recipe = config.recipe
    order = "the generator first" if recipe.order == "gd" else "the discriminator first"
    rows = {
        "Recipe": f"{recipe.title} (`{recipe.name}`), {recipe.source}",
        "Data": f"{title(config.data.name)}, licence {config.data.licence or 'not stated'}"
        + (f", {info.data.images:,} pictures" if info and info.data.images else ""),
        "Steps": f"{config.step:,}, batches of {recipe.batch_size}",
        "Loss": f"{recipe.loss.upper()}, {order}",
        "Optimiser": f"Adam, learning rates G {rate(recipe.g_rate)} and D {rate(recipe.d_rate)}, "
        f"betas {recipe.betas[0]:g} and {recipe.betas[1]:g}",
        "Averaged weights": f"half-life {recipe.ema:,.0f} images; all pictures here are theirs"
        if recipe.ema
        else "none",
        "Latent": f"{recipe.latent_size} standard normal numbers",
        "Other settings": _other_settings(recipe),
        "Seed": str(config.seed),
    }
    if info and info.torch:
        numerics = (info.numerics or Numerics()).told(info.device)
        rows["Machine"] = f"{info.device}, {numerics}, torch {info.torch}"
    by_hand = [e for e in events if e.step <= config.step and isinstance(e, Edit | Forked)]
    if by_hand:
        changes = (f"step {event.step:,}: {event.describe()}" for event in by_hand[-8:])
        rows["Changed on the way"] = "; ".join(changes)
    table = "\n".join(f"| {key} | {value} |" for key, value in rows.items())
    return f"## How it was made\n\n| | |\n|---|---|\n{table}\n\nAll of it in full: `config.json`.\n"


# Settings that have a row of their own, or a part of one.
IN_OTHER_ROWS = {"batch_size", "loss", "order", "g_rate", "d_rate", "betas", "ema", "latent_size"}


def _other_settings(recipe: Recipe) -> str:
    """The settings that stand in no other row and are not at their defaults."""
    changed = {
        setting.label: setting.show(getattr(recipe, name))
        for name, setting in recipe.settings().items()
        if not setting.of_length and name not in IN_OTHER_ROWS
        if getattr(recipe, name) != Recipe.model_fields[name].default
    }
    return "; ".join(f"{label.lower()} {value}" for label, value in changed.items()) or "none"


def _curves(summary: HistorySummary) -> str:
    g, d, real, fake = (
        [value for value in curves.smooth(summary, column)[1] if value is not None][-1:]
        for column in (1, 0, 2, 3)
    )
    last = ""
    if g and d and real and fake:
        last = (
            f"At the end the losses are about {g[0]:.2f} (G) and {d[0]:.2f} (D); D is right about "
            f"{100 * real[0]:.0f} % of real pictures and {100 * fake[0]:.0f} % of fakes. "
        )
    return (
        "## Curves\n\n![Losses of G and D, and D's accuracy, by step](curves.png)\n\n"
        f"{last}Losses of a GAN say who is ahead, not how good the pictures are.\n"
    )


def _limits(config: GeneratorConfig) -> str:
    size = f"{config.image.width}×{config.image.height}"
    points = (
        f"It draws what it has seen in {title(config.data.name)}, at {size} pixels, and nothing else; "
        "which kind of picture comes can't be asked for.",
        "No metric was computed. The pictures above are the first 25 of its seed, not chosen, and all there "
        "is to judge it by; whether it covers all of the data, or repeats pictures of it, was not examined.",
        f"The data's licence ({config.data.licence or 'not stated'}) is its own; it may bind what is made.",
        "A network of teaching size: not for decisions about people, nor to pass its pictures off as real.",
    )
    return "## Limits\n\n" + "".join(f"- {point}\n" for point in points)


# --- the loading snippet -----------------------------------------------------------------------------


def _use(config: GeneratorConfig, repo_id: str, revision: str | None) -> str:
    at = f" --revision {revision}" if revision else ""
    by_itself = ""
    if code := snippet(config, repo_id, revision):
        by_itself = (
            "With `pip install huggingface_hub safetensors numpy` and nothing else:\n\n"
            f"```python\n{code}```\n\n"
        )
    return (
        f"## Use\n\n{by_itself}With GAN Workbench, its Hub page, or\n\n"
        f"```sh\npython -m gan pull {repo_id}{at} --out {repo_id.split('/')[-1]}\n"
        f"python -m gan sample {repo_id.split('/')[-1]} --seed 7 --count 25 --out grid.png\n```\n"
    )


def snippet(config: GeneratorConfig, repo_id: str, revision: str | None = None) -> str:
    """A script that downloads the weights and draws `images`, uint8 (25, C, H, W), with NumPy alone; none
    for an architecture whose drawing nobody has written down in NumPy.
    """
    network = ARCHITECTURES[config.architecture].numpy
    if not network:
        return ""
    where = f'{json.dumps(repo_id)}, "model.safetensors"' + (
        f", revision={json.dumps(revision)}" if revision else ""
    )
    channels, height, width = config.shape
    return (
        "import numpy as np\n"
        "from huggingface_hub import hf_hub_download\n"
        "from safetensors.numpy import load_file\n\n"
        f"w = load_file(hf_hub_download({where}))\n"
        f"{_averaged(config)}"
        f'x = np.random.default_rng(0).standard_normal((25, {config.latent_size}), dtype="float32")\n'
        f"{network(config.recipe, config.shape)}"
        f'images = ((x.reshape(-1, {channels}, {height}, {width}) + 1) * 127.5).round().astype("uint8")\n'
    )


def _averaged(config: GeneratorConfig) -> str:
    if not config.recipe.ema:
        return ""
    return (
        f'w = {{name.removeprefix("{PREFIX}"): w[name] for name in w if name.startswith("{PREFIX}")}}'
        "  # the averaged weights\n"
    )
