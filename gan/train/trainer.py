"""The heart: one round of the game, and bounded slices of many.

A round is what the recipe says: who moves first, on which fakes, with one update of D or two. The three seed
recipes differ in those answers and in nothing else, so one `step` plays them all.
"""

from math import inf
from time import perf_counter

import torch
from torch import Tensor, nn
from torch.optim import Adam

from gan.compute.random_streams import random_stream
from gan.data.batches import Batches
from gan.data.images import Images
from gan.errors import Problem
from gan.nets.dropout import Dropout
from gan.nets.pair import GAN
from gan.nets.sampling import evaluating, latents_for, sample
from gan.recipes.numbers import NUMBERS
from gan.recipes.numerics import Numerics
from gan.recipes.recipe import Recipe
from gan.train.adam import _load_optimizer, _optimizer_tensors, optimize
from gan.train.cuda_graph import RecordedStep
from gan.train.ema import Average
from gan.train.losses import LOSSES
from gan.train.manual_step import ManualStep, has_manual_step

COPY_EVERY = 1.0  # seconds between two copies of the last finite state
AHEAD = 64  # rounds a GPU is asked for before the clock is looked at
GRID = 25  # pictures of the fixed latents
State = dict[str, dict[str, Tensor]]  # every tensor a trainer's next round depends on, in groups


class NotFinite(Problem):
    """A loss or a weight became infinite or not a number. The trainer is back at its last finite weights."""


class Trainer:
    """G, D, their optimisers and every random draw of one run.

    The same recipe, images, seed, device and numerics give the same weights bit for bit, given the same
    torch. torch's global random generators are neither read nor moved.
    """

    def __init__(
        self,
        recipe: Recipe,
        images: Images,
        seed: int = 0,
        device: str | torch.device = "cpu",
        numerics: Numerics | None = None,
    ):
        check_batch(recipe, images)
        self.recipe, self.seed, self.device = recipe, seed, torch.device(device)
        self.numerics = numerics or Numerics()
        self._is_recorded = self.numerics.mode == "graph" and self.device.type == "cuda"
        self.loss = LOSSES[recipe.loss]
        self.gan = GAN.from_recipe(recipe, images.shape, seed)
        self.generator = self.gan.generator.to(self.device).train()
        self.discriminator = self.gan.discriminator.to(self.device).train()
        self.opt_g = self._adam(self.generator, recipe.g_rate)
        self.opt_d = self._adam(self.discriminator, recipe.d_rate)
        self._rates = {"g_rate": recipe.g_rate, "d_rate": recipe.d_rate}
        batches_seed = random_stream(seed, "batches").initial_seed()
        self.batches = Batches(images.pixels.to(self.device), recipe.batch_size, recipe.drawing, batches_seed)
        self.rng = {name: random_stream(seed, name, self.device) for name in ("latents", "dropout")}
        for layer in self.discriminator.modules():
            if isinstance(layer, Dropout):
                layer.rng = self.rng["dropout"]
        self.grid_latents = latents_for(seed, range(GRID), recipe.latent_size)
        self.steps = 0
        self.average = Average(self.generator, recipe.ema) if recipe.ema else None
        self.keep()
        self._other_way: RecordedStep | ManualStep | None = None
        if self._is_recorded:
            self._other_way = RecordedStep(self)
        elif self.numerics.mode == "by hand" and has_manual_step(recipe):
            self._other_way = ManualStep(self)

    def _adam(self, net: nn.Module, rate: float) -> Adam:
        """Adam. A recorded step finds its rate and its moments on the device, in place from the start."""
        lr = torch.tensor(rate, device=self.device) if self._is_recorded else rate
        settings = {"betas": self.recipe.betas, "eps": self.recipe.eps, "fused": True}
        optimizer = Adam(net.parameters(), lr=lr, capturable=self._is_recorded, **settings)
        for weights in net.parameters() if self._is_recorded else ():
            moments = {name: torch.zeros_like(weights) for name in ("exp_avg", "exp_avg_sq")}
            optimizer.state[weights] = {"step": torch.zeros((), device=self.device)} | moments
        return optimizer

    # --- one round --------------------------------------------------------------------------------------

    def step(self) -> Tensor:
        """Play one round and return its NUMBERS as float32 (4,), still on the device: reading them is a sync
        point.
        """
        indices = self.batches.next_indices()
        if self._other_way and (not self._is_recorded or len(indices) == self.recipe.batch_size):
            numbers = self._other_way.play(indices)
        else:
            numbers = self.play_round(indices)
        self.steps += 1
        self._move_average()
        return numbers

    def play_round(self, indices: Tensor) -> Tensor:
        """One round on the real images of these indices, int64 (B,): NUMBERS."""
        numbers = self.play(self.recipe.order, indices)
        return torch.stack([numbers[name] for name in NUMBERS])

    def play(self, players: str, indices: Tensor) -> dict[str, Tensor]:
        """Let "d", "g" or both move once, in that order, on these real images and as many latents."""
        real = self.batches.take(indices)  # (B, C, H, W) in [-1, 1]
        latents = self.draw_latents(len(real))
        fake = self._through(self.generator, latents) if self._players_share_fakes else None
        numbers: dict[str, Tensor] = {}
        for player in players:
            if player == "d":
                numbers |= self._play_d(real, self._fakes_for_d(latents) if fake is None else fake.detach())
            else:
                numbers |= self._play_g(self._through(self.generator, latents) if fake is None else fake)
        return numbers

    def _through(self, net: nn.Module, inputs: Tensor) -> Tensor:
        """What a net makes of its inputs, as float32. In bfloat16, convolutions and matrix products round
        what they read to 8 bits of mantissa; weights, their averages and Adam's moments stay float32.
        """
        if self.numerics.precision == "float32":
            return net(inputs)
        with torch.autocast(self.device.type, torch.bfloat16, cache_enabled=False):
            return net(inputs).float()

    def _play_d(self, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """Teach D to tell real from fake; G learns nothing here."""
        if self.recipe.d_updates == "joint":
            real_logits, fake_logits = self._judge(real, fake)
            loss = self.recipe.d_scale * (self.loss.d_real(real_logits) + self.loss.d_fake(fake_logits))
            optimize(self.opt_d, loss)
        else:  # the Keras chapter: an update on the real batch, then one on the fake batch
            real_logits = self._through(self.discriminator, real)
            real_loss = optimize(self.opt_d, self.loss.d_real(real_logits))
            fake_logits = self._through(self.discriminator, fake)
            fake_loss = optimize(self.opt_d, self.loss.d_fake(fake_logits))
            loss = self.recipe.d_scale * (real_loss + fake_loss)
        return {"d_loss": loss.detach(), "d_real": share(real_logits > 0), "d_fake": share(fake_logits < 0)}

    def _judge(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """D's logits of both batches: in one pass, unless batch norm would mix their statistics."""
        if has_batch_norm(self.discriminator):
            return self._through(self.discriminator, real), self._through(self.discriminator, fake)
        return self._through(self.discriminator, torch.cat([real, fake])).split([len(real), len(fake)])

    def _play_g(self, fake: Tensor) -> dict[str, Tensor]:
        """Teach G to fool D as it stands now. D's own gradients are nobody's business here, and `optimize`
        computes none.
        """
        logits = self._through(self.discriminator, fake)
        return {"g_loss": optimize(self.opt_g, self.loss.g(logits))}

    @property
    def _players_share_fakes(self) -> bool:
        return self.recipe.d_latents == "shared" and self.recipe.d_fakes == "training"

    def _fakes_for_d(self, latents: Tensor) -> Tensor:
        """What D is shown, cut off from G: of G's latents or of fresh ones, by batch norm's batch or its
        averages.
        """
        if self.recipe.d_latents == "fresh":
            latents = self.draw_latents(len(latents))
        if self.recipe.d_fakes == "inference":
            with evaluating(self.generator):
                return self._through(self.generator, latents)
        with torch.no_grad():
            return self._through(self.generator, latents)

    def draw_latents(self, count: int) -> Tensor:
        """The next latents of this run, (count, latent_size), on the device."""
        return torch.randn(count, self.recipe.latent_size, generator=self.rng["latents"], device=self.device)

    # --- many rounds ------------------------------------------------------------------------------------

    def advance(self, steps: int, seconds: float = inf) -> Tensor:
        """Play up to `steps` rounds, but stop after the one that passes `seconds`: NUMBERS as float32 (n, 4)
        on the CPU.

        Raises NotFinite if a loss or a weight is no longer finite; everything is then as it was at most
        COPY_EVERY seconds before this slice, and not before the last change of a rate.
        """
        deadline = perf_counter() + seconds
        rounds: list[Tensor] = []
        while len(rounds) < steps and (not rounds or perf_counter() < deadline):
            rounds.append(self.step())
            if len(rounds) % AHEAD == 0 and self.device.type == "cuda":
                torch.cuda.current_stream().synchronize()  # else the clock sees only the asking
        numbers = torch.stack(rounds).cpu()
        self._check(numbers)
        return numbers

    def move(self, player: str) -> dict[str, float]:
        """Let one player ("d" or "g") move alone; this is no step. Raises NotFinite like `advance`."""
        played = self.play(player, self.batches.next_indices())
        numbers = {name: value.item() for name, value in played.items()}
        self._check(torch.tensor([list(numbers.values())]))
        if player == "g":
            self._move_average()
        self.keep()
        return numbers

    def _move_average(self) -> None:
        """G has moved; its average follows, where there is one."""
        if self.average:
            batch = self.recipe.batch_size
            self.average.update(self.generator, batch, max(self.steps, 1) * batch)

    def _check(self, numbers: Tensor) -> None:
        """Keep a copy of a finite state now and then; go back to it from one that is not, and say why."""
        cause = self._find_broken(numbers)
        if cause is None:
            if perf_counter() - self._copied >= COPY_EVERY:
                self.keep()
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

    def keep(self) -> None:
        """Have what breaks from now on lead back here: the state is known to be finite."""
        self.last_finite, self._copied = self.copy(), perf_counter()

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
        """Change learning rates in place: the optimisers keep their moments. What breaks leads back here."""
        self.keep()
        self._use_rates(g_rate, d_rate)

    def _use_rates(self, g_rate: float | None, d_rate: float | None) -> None:
        for key, optimizer, rate in (("g_rate", self.opt_g, g_rate), ("d_rate", self.opt_d, d_rate)):
            if rate is None:
                continue
            self._rates[key], group = rate, optimizer.param_groups[0]
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def rates(self) -> dict[str, float]:
        """The learning rates in force."""
        return dict(self._rates)

    def grid(self) -> Tensor:
        """The 25 fixed latents' pictures, by the averaged weights where there are any: uint8 (25, H, W, C).
        The same as sampling indices 0 to 24 of the run's seed.
        """
        return sample(self.average.net if self.average else self.generator, self.grid_latents)

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
        } | ({"ema": self.average.state_dict()} if self.average else {})

    def load_state_dict(self, state: State) -> None:
        """Become the trainer that gave this state; the next round is the one it would have played."""
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        if self.average:
            self.average.net.load_state_dict(state["ema"])
        for name, rng in self.rng.items():
            rng.set_state(state["random"][name])
        self.batches.load_state_dict(state["batches"])
        self.steps = int(state["counters"]["steps"])
        _load_optimizer(self.opt_g, state["optimizer_g"])
        _load_optimizer(self.opt_d, state["optimizer_d"])
        self._use_rates(*state["counters"]["rates"].tolist())
        self.keep()

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


def has_batch_norm(net: nn.Module) -> bool:
    """Does a batch's company change what the net makes of an image?"""
    return any(isinstance(layer, nn.BatchNorm2d) for layer in net.modules())


def share(hits: Tensor) -> Tensor:
    """The share of True, 0-d float32."""
    return hits.float().mean()
