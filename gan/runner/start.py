"""How a training starts: a new run, or one that goes on from its newest checkpoint."""

import torch

from gan.compute.devices import pick_device
from gan.compute.settings import prepare
from gan.data.images import Images, load
from gan.errors import Problem, os_errors_as
from gan.recipes.numerics import Numerics
from gan.runner.checkpoint import belongings, load_checkpoint
from gan.runner.loop import SAVE_EVERY, Training
from gan.runs.events import CheckpointDamaged, Event, HistoryLost, LengthChanged, TorchChanged
from gan.runs.info import DataInfo, RunInfo
from gan.runs.order import Order
from gan.runs.run import Run
from gan.train.autotune import tuned
from gan.train.trainer import Trainer

CANNOT_RESUME = "{file} can't be read or written ({why}): mend its rights, or move it elsewhere, and resume."


def begin(
    run: Run,
    order: Order,
    images: Images | None = None,
    save_every: float = SAVE_EVERY,
    beside_browser: bool = False,
) -> Training:
    """Start a new run in an empty folder: first weights, first picture, `run.json`. Raises Problem."""
    device = pick_device(order.device)
    images = images or load(order.data)
    numerics = order.numerics or tuned(order.recipe, images, device, beside_browser)
    prepare(numerics)
    trainer = Trainer(order.recipe, images, order.seed, device, numerics)
    facts = {"fingerprint": images.fingerprint, "images": len(images), "known": images.known}
    data = DataInfo(name=images.name, **facts)
    begun = {"data": data, "device": device.type, "numerics": numerics, "torch": torch.__version__}
    info = order.info(len(images)).model_copy(update=begun | {"state": "running"})
    training = Training(run, info, trainer, save_every)
    training.write_info()
    training.keep_sample()
    return training


def resume(
    run: Run,
    steps: int | None = None,
    save_every: float = SAVE_EVERY,
    beside_browser: bool = False,
) -> Training:
    """Go on from the newest checkpoint, or from step 0 where there is none. Raises Problem.

    What lies beyond the checkpoint is cut from history and samples; later edits are made again at their
    steps. What the history lacks before it stays a gap. A run that nobody has begun yet begins.
    """
    info = run.stored_info()
    if not info.begun:
        return begin(run, Order.of(info), save_every=save_every, beside_browser=beside_browser)
    images = load(info.data.name)
    _refuse_other_images(run, info, images)
    device = pick_device(info.device)
    numerics = info.numerics or Numerics()
    prepare(numerics)
    trainer = Trainer(info.recipe, images, info.seed, device, numerics)
    with os_errors_as(CANNOT_RESUME, file=run.path):
        return _go_on(run, info, trainer, images, steps or info.steps, save_every)


def _go_on(
    run: Run, info: RunInfo, trainer: Trainer, images: Images, steps: int, save_every: float
) -> Training:
    """Make trainer and folder agree on the newest checkpoint. Raises Problem, OSError."""
    notes, damaged = load_checkpoint(run, trainer, belongings(info))
    done = min(notes["events"], len(run.events())) if notes else 0
    lost = run.end_at(trainer.steps)
    for event in _events_of_resume(trainer.steps, info, steps, damaged, lost):
        run.append_event(event)
    changes = {
        "state": "running" if trainer.steps < steps else "finished",
        "steps": steps,
        "problem": "",
        "step": trainer.steps,
        "seconds": info.seconds if notes else 0.0,
        "torch": torch.__version__,
        "numerics": trainer.numerics,
        "data": info.data.model_copy(update={"known": images.known}),
    }
    training = Training(run, info.model_copy(update=changes), trainer, save_every, done)
    training.write_info()
    if trainer.steps:
        training.saver.renew_generator(trainer.state_dict(), training.config())
    else:
        training.keep_sample()
    return training


def _refuse_other_images(run: Run, info: RunInfo, images: Images) -> None:
    if images.fingerprint != info.data.fingerprint:
        raise Problem(
            "Run {name} learned from other images: {data} has changed since ({old}, now {new}). "
            "Put the old files back, or start a new run.",
            name=run.name,
            data=info.data.name,
            old=info.data.fingerprint,
            new=images.fingerprint,
        )


def _events_of_resume(step: int, info: RunInfo, steps: int, damaged: list[str], lost: int) -> list[Event]:
    """What a resume has to tell."""
    events: list[Event] = [CheckpointDamaged(step=step, checkpoint=name) for name in damaged]
    if lost:
        events.append(HistoryLost(step=step, missing=lost))
    if info.torch != torch.__version__:
        events.append(TorchChanged(step=step, old=info.torch, new=torch.__version__))
    if steps != info.steps:
        events.append(LengthChanged(step=step, old=info.steps, new=steps))
    return events
