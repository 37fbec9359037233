"""The heart: one round of the game, and bounded slices of many.

A round is what the recipe says: who moves first, on which fakes, with one update of D or two. The three seed
recipes differ in those answers and in nothing else, so one `step` plays them all.
"""

from math import inf
from time import perf_counter

import torch
from torch import Tensor
from torch.optim import Adam, Optimizer

from gan.data import Batches, Images
from gan.losses import LOSSES
from gan.model import GAN, evaluating, latents_for, random_stream, sample
from gan.nets.dropout import Dropout
from gan.recipes import Recipe
from gan.words import Problem

NUMBERS = (
    "d_loss",
    "g_loss",
    "d_real",
    "d_fake",
)  # what a round tells: two losses, D's accuracy on real and on fake
GRID = 25  # pictures of the fixed latents
State = dict[str, dict[str, Tensor]]  # every tensor a trainer's next round depends on, in groups


class NotFinite(Problem):
    """A loss or a weight became infinite or not a number. The trainer is back at its last finite weights."""


class Trainer:
    """G, D, their optimisers and every random draw of one run.

    The same recipe, images, seed and device give the same weights bit for bit, given the same torch and
    number of threads. torch's global random generators are neither read nor moved.
    """

    def __init__(self, recipe: Recipe, images: Images, seed: int = 0, device: str | torch.device = "cpu"):
        check_batch(recipe, images)
        self.recipe, self.seed, self.device = recipe, seed, torch.device(device)
        self.loss = LOSSES[recipe.loss]
        self.gan = GAN.from_recipe(recipe, images.shape, seed)
        self.generator = self.gan.generator.to(self.device).train()
        self.discriminator = self.gan.discriminator.to(self.device).train()
        settings = {"betas": recipe.betas, "eps": recipe.eps, "fused": True}
        self.opt_g = Adam(self.generator.parameters(), lr=recipe.g_rate, **settings)
        self.opt_d = Adam(self.discriminator.parameters(), lr=recipe.d_rate, **settings)
        batches_seed = random_stream(seed, "batches").initial_seed()
        self.batches = Batches(images.pixels.to(self.device), recipe.batch_size, recipe.drawing, batches_seed)
        self.rng = {name: random_stream(seed, name, self.device) for name in ("latents", "dropout")}
        for layer in self.discriminator.modules():
            if isinstance(layer, Dropout):
                layer.rng = self.rng["dropout"]
        self.grid_latents = latents_for(seed, range(GRID), recipe.latent_size)
        self.steps = 0
        self.last_finite = self.copy()

    # --- one round --------------------------------------------------------------------------------------

    def step(self) -> Tensor:
        """Play one round and return its NUMBERS as float32 (4,), still on the device: reading them is a sync
        point.
        """
        numbers = self.play(self.recipe.order)
        self.steps += 1
        return torch.stack([numbers[name] for name in NUMBERS])

    def play(self, players: str) -> dict[str, Tensor]:
        """Let "d", "g" or both move once, in that order, on one batch of real images and one of latents."""
        real = next(self.batches)  # (B, C, H, W) in [-1, 1]
        latents = self._draw_latents(len(real))
        fake = self.generator(latents) if self._players_share_fakes else None
        numbers: dict[str, Tensor] = {}
        for player in players:
            if player == "d":
                numbers |= self._play_d(real, self._fakes_for_d(latents) if fake is None else fake.detach())
            else:
                numbers |= self._play_g(self.generator(latents) if fake is None else fake)
        return numbers

    def _play_d(self, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """Teach D to tell real from fake; G learns nothing here."""
        if self.recipe.d_updates == "joint":
            real_logits, fake_logits = self.discriminator(real), self.discriminator(fake)
            loss = self.recipe.d_scale * (self.loss.d_real(real_logits) + self.loss.d_fake(fake_logits))
            optimize(self.opt_d, loss)
        else:  # the Keras chapter: an update on the real batch, then one on the fake batch
            real_logits = self.discriminator(real)
            real_loss = optimize(self.opt_d, self.loss.d_real(real_logits))
            fake_logits = self.discriminator(fake)
            fake_loss = optimize(self.opt_d, self.loss.d_fake(fake_logits))
            loss = self.recipe.d_scale * (real_loss + fake_loss)
        return {"d_loss": loss.detach(), "d_real": share(real_logits > 0), "d_fake": share(fake_logits < 0)}

    def _play_g(self, fake: Tensor) -> dict[str, Tensor]:
        """Teach G to fool D as it stands now. D's own gradients are nobody's business here, so none are
        computed.
        """
        self.discriminator.requires_grad_(False)
        loss = optimize(self.opt_g, self.loss.g(self.discriminator(fake)))
        self.discriminator.requires_grad_(True)
        return {"g_loss": loss}

    @property
    def _players_share_fakes(self) -> bool:
        return self.recipe.d_latents == "shared" and self.recipe.d_fakes == "training"

    def _fakes_for_d(self, latents: Tensor) -> Tensor:
        """What D is shown, cut off from G: of G's latents or of fresh ones, by batch norm's batch or its
        averages.
        """
        if self.recipe.d_latents == "fresh":
            latents = self._draw_latents(len(latents))
        if self.recipe.d_fakes == "inference":
            with evaluating(self.generator):
                return self.generator(latents)
        with torch.no_grad():
            return self.generator(latents)

    def _draw_latents(self, count: int) -> Tensor:
        return torch.randn(count, self.recipe.latent_size, generator=self.rng["latents"], device=self.device)

    # --- many rounds ------------------------------------------------------------------------------------

    def advance(self, steps: int, seconds: float = inf) -> Tensor:
        """Play up to `steps` rounds, but stop after the one that passes `seconds`: NUMBERS as float32 (n, 4)
        on the CPU.

        Raises NotFinite, with everything as it was before the slice, if a loss or a weight is no longer
        finite.
        """
        deadline = perf_counter() + seconds
        rounds: list[Tensor] = []
        while len(rounds) < steps and (not rounds or perf_counter() < deadline):
            rounds.append(self.step())
        numbers = torch.stack(rounds).cpu()
        self._check(numbers)
        return numbers

    def move(self, player: str) -> dict[str, float]:
        """Let one player ("d" or "g") move alone; this is no step. Raises NotFinite like `advance`."""
        numbers = {name: value.item() for name, value in self.play(player).items()}
        self._check(torch.tensor([list(numbers.values())]))
        return numbers

    def _check(self, numbers: Tensor) -> None:
        """Keep a copy of the state if it is finite; otherwise go back to the last copy and say what broke."""
        cause = self._find_broken(numbers)
        if cause is None:
            self.last_finite = self.copy()
            return
        broken_at = self.steps
        self.load_state_dict(self.last_finite)
        raise NotFinite(
            "{cause} by step {step}. The weights are back at step {back}, the last finite ones: "
            "lower a learning rate and resume.",
            cause=cause,
            step=f"{broken_at:,}",
            back=f"{self.steps:,}",
        )

    def _find_broken(self, numbers: Tensor) -> str | None:
        finite = numbers.isfinite().all(0)
        if not finite.all():
            name = {"d_loss": "D's loss", "g_loss": "G's loss"}.get(
                NUMBERS[finite.tolist().index(False)], "A number"
            )
            return f"{name} is not finite"
        for title, net in (("G", self.generator), ("D", self.discriminator)):
            tensors = [tensor for tensor in net.state_dict().values() if tensor.is_floating_point()]
            if not torch.nn.utils.get_total_norm(tensors).isfinite():
                broken = [n for n, x in net.state_dict().items() if not x.isfinite().all()]
                return f"{title}'s weights are not finite ({', '.join(broken[:3]) or 'their norm'})"
        return None

    def set_rates(self, g_rate: float | None = None, d_rate: float | None = None) -> None:
        """Change learning rates in place: the optimisers keep their moments."""
        for optimizer, rate in ((self.opt_g, g_rate), (self.opt_d, d_rate)):
            if rate is not None:
                optimizer.param_groups[0]["lr"] = rate

    def rates(self) -> dict[str, float]:
        """The learning rates in force."""
        return {"g_rate": self.opt_g.param_groups[0]["lr"], "d_rate": self.opt_d.param_groups[0]["lr"]}

    def grid(self) -> Tensor:
        """The 25 fixed latents' pictures: uint8 (25, H, W, C). The same as sampling indices 0 to 24 of the
        run's seed.
        """
        return sample(self.generator, self.grid_latents)

    # --- everything a resume needs ----------------------------------------------------------------------

    def state_dict(self) -> State:
        """Every tensor the next round depends on, in groups: nets, optimisers, random generators, sampler."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "optimizer_g": _optimizer_tensors(self.opt_g),
            "optimizer_d": _optimizer_tensors(self.opt_d),
            "random": {name: rng.get_state() for name, rng in self.rng.items()},
            "batches": self.batches.state_dict(),
            "counters": {
                "steps": torch.tensor(self.steps),
                "rates": torch.tensor(list(self.rates().values()), dtype=torch.float64),
            },
        }

    def load_state_dict(self, state: State) -> None:
        """Become the trainer that gave this state; the next round is the one it would have played."""
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        for name, rng in self.rng.items():
            rng.set_state(state["random"][name])
        self.batches.load_state_dict(state["batches"])
        self.steps = int(state["counters"]["steps"])
        _load_optimizer(self.opt_g, state["optimizer_g"])
        _load_optimizer(self.opt_d, state["optimizer_d"])
        self.set_rates(*state["counters"]["rates"].tolist())
        self.last_finite = self.copy()

    def copy(self) -> State:
        """`state_dict` as it is now, whatever comes after it."""
        return {
            group: {k: v.clone() for k, v in tensors.items()} for group, tensors in self.state_dict().items()
        }


def check_batch(recipe: Recipe, images: Images) -> None:
    """Raise Problem if the recipe's batch is larger than the data set."""
    if recipe.batch_size > len(images):
        raise Problem(
            "A batch of {batch} is larger than {data}, which holds {count} images: "
            "choose a batch of {count} at most.",
            batch=recipe.batch_size,
            data=images.name,
            count=len(images),
            misuse=True,
        )


def optimize(optimizer: Optimizer, loss: Tensor) -> Tensor:
    """Move one player downhill: the only place where gradients change weights."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.detach()


def share(hits: Tensor) -> Tensor:
    """The share of True, 0-d float32."""
    return hits.float().mean()


def _optimizer_tensors(optimizer: Optimizer) -> dict[str, Tensor]:
    """Adam's moments and step counts as flat names: "3.exp_avg" belongs to the fourth parameter."""
    state = optimizer.state_dict()["state"]
    return {f"{index}.{name}": value for index, entry in state.items() for name, value in entry.items()}


def _load_optimizer(optimizer: Optimizer, tensors: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".")
        state.setdefault(int(index), {})[name] = value.clone()
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" takes CUDA, then Apple's MPS, then the CPU. Raises Problem if it isn't
    there.
    """
    here = devices()
    if name == "auto":
        return torch.device(here[0])
    if name not in here:
        raise Problem(
            "There is no device '{name}' on this machine. Devices: {here}.",
            name=name,
            here=", ".join(["auto", *here]),
            misuse=True,
        )
    return torch.device(name)


def devices() -> list[str]:
    """Devices of this machine, the fastest first."""
    here = ["cuda"] * torch.cuda.is_available() + ["mps"] * torch.backends.mps.is_available()
    return [*here, "cpu"]
