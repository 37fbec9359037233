"""How a training starts: a new run, or one that goes on from its newest checkpoint."""

import torch

from gan.compute.devices import pick_device
from gan.compute.settings import prepare
from gan.data.images import Images, load
from gan.errors import Problem
from gan.recipes.numerics import Numerics
from gan.runner.checkpoint import belongings, load_checkpoint
from gan.runner.loop import SAVE_EVERY, Training
from gan.runs.events import CheckpointDamaged, Event, LengthChanged, TorchChanged
from gan.runs.info import DataInfo, RunInfo
from gan.runs.order import Order
from gan.runs.run import Run
from gan.train.autotune import tuned
from gan.train.trainer import Trainer


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
    data = DataInfo(name=images.name, fingerprint=images.fingerprint, images=len(images))
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
    steps. A run that nobody has begun yet begins.
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
    notes, damaged = load_checkpoint(run, trainer, belongings(info))
    run.cut_after(trainer.steps)
    steps = steps or info.steps
    for event in _events_of_resume(trainer.steps, info, steps, damaged):
        run.append_event(event)
    state = "running" if trainer.steps < steps else "finished"
    seconds = info.seconds if notes else 0.0
    changes = {"state": state, "steps": steps, "problem": "", "step": trainer.steps, "seconds": seconds}
    changes |= {"torch": torch.__version__, "numerics": numerics}
    events = notes["events"] if notes else 0
    training = Training(run, info.model_copy(update=changes), trainer, save_every, events)
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


def _events_of_resume(step: int, info: RunInfo, steps: int, damaged: list[str]) -> list[Event]:
    """What a resume has to tell."""
    events: list[Event] = [CheckpointDamaged(step=step, checkpoint=name) for name in damaged]
    if info.torch != torch.__version__:
        events.append(TorchChanged(step=step, old=info.torch, new=torch.__version__))
    if steps != info.steps:
        events.append(LengthChanged(step=step, old=info.steps, new=steps))
    return events
