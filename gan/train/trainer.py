"""The heart: one round of the game, and bounded slices of many.

A round is what the recipe says: who moves first, on which fakes, with one update of D or two. The three seed
recipes differ in those answers and in nothing else, so one `step` plays them all.
"""

from math import inf
from time import perf_counter

import torch
from torch import Tensor, nn

from gan.compute.random_streams import random_stream
from gan.data.batches import Batches
from gan.data.datasets import check_batch
from gan.data.images import Images
from gan.nets.dropout import Dropout
from gan.nets.pair import GAN
from gan.nets.sampling import evaluating, latents_for, sample
from gan.recipes.numbers import NUMBERS
from gan.recipes.numerics import Numerics
from gan.recipes.recipe import Recipe
from gan.train.adam import load_optimizer, make_adam, optimize, optimizer_tensors, set_rate
from gan.train.cuda_graph import RecordedStep, can_be_recorded
from gan.train.ema import Average
from gan.train.guard import Guard
from gan.train.losses import loss_of
from gan.train.manual_step import ManualStep, has_manual_step

AHEAD = 64  # rounds a GPU is asked for before the clock is looked at
GRID = 25  # pictures of the fixed latents
State = dict[str, dict[str, Tensor]]  # every tensor a trainer's next round depends on, in groups


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
    ) -> None:
        check_batch(recipe.batch_size, images.name, len(images))
        self.recipe, self.seed, self.device = recipe, seed, torch.device(device)
        self.numerics = numerics or Numerics()
        mode = self.numerics.mode
        recorded = mode == "graph" and self.device.type == "cuda" and can_be_recorded(recipe)
        self.loss = loss_of(recipe)
        self.gan = GAN.from_recipe(recipe, images.shape, seed)
        self.generator = self.gan.generator.to(self.device).train()
        self.discriminator = self.gan.discriminator.to(self.device).train()
        self.opt_g = make_adam(self.generator, recipe.g_rate, recipe, recorded)
        self.opt_d = make_adam(self.discriminator, recipe.d_rate, recipe, recorded)
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
        self.guard = Guard(self)
        self._fast_step: RecordedStep | ManualStep | None = None
        if recorded:
            self._fast_step = RecordedStep(self)
        elif mode == "by hand" and has_manual_step(recipe):
            self._fast_step = ManualStep(self)

    # --- one round --------------------------------------------------------------------------------------

    def step(self) -> Tensor:
        """Play one round and return its NUMBERS as float32 (4,), still on the device: reading them is a sync
        point.
        """
        indices = self.batches.next_indices()
        if self._fast_step and self._fast_step.fits(indices):
            numbers = self._fast_step.play(indices)
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
                numbers |= self._play_g(
                    real, self._through(self.generator, latents) if fake is None else fake
                )
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
            loss = self.recipe.d_scale * self.loss.d(real_logits, fake_logits)
            optimize(self.opt_d, loss)
        else:  # the Keras chapter: an update on the real batch, then one on the fake batch
            real_part, fake_part = self.loss.d_parts
            real_logits = self._through(self.discriminator, real)
            real_loss = optimize(self.opt_d, real_part(real_logits))
            fake_logits = self._through(self.discriminator, fake)
            fake_loss = optimize(self.opt_d, fake_part(fake_logits))
            loss = self.recipe.d_scale * (real_loss + fake_loss)
        return {"d_loss": loss.detach(), "d_real": share(real_logits > 0), "d_fake": share(fake_logits < 0)}

    def _judge(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """D's logits of both batches: in one pass, unless batch norm would mix their statistics."""
        if has_batch_norm(self.discriminator):
            return self._through(self.discriminator, real), self._through(self.discriminator, fake)
        return self._through(self.discriminator, torch.cat([real, fake])).split([len(real), len(fake)])

    def _play_g(self, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """Teach G to fool D as it stands now. D's own gradients are nobody's business here, and `optimize`
        computes none.
        """
        if self.loss.g_sees_real:
            real_logits, fake_logits = self._judge(real, fake)
        else:
            real_logits, fake_logits = None, self._through(self.discriminator, fake)
        return {"g_loss": optimize(self.opt_g, self.loss.g(real_logits, fake_logits))}

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
        guard.COPY_EVERY seconds before this slice, and not before the last change of a rate.
        """
        deadline = perf_counter() + seconds
        rounds: list[Tensor] = []
        while len(rounds) < steps and (not rounds or perf_counter() < deadline):
            rounds.append(self.step())
            if len(rounds) % AHEAD == 0 and self.device.type == "cuda":
                torch.cuda.current_stream().synchronize()  # else the clock sees only the asking
        numbers = torch.stack(rounds).cpu()
        self.guard.check(numbers)
        return numbers

    def move(self, player: str) -> dict[str, float]:
        """Let one player ("d" or "g") move alone; this is no step. Raises NotFinite like `advance`."""
        played = self.play(player, self.batches.next_indices())
        numbers = {name: value.item() for name, value in played.items()}
        self.guard.check(torch.tensor([[numbers.get(name, 0.0) for name in NUMBERS]]))
        if player == "g":
            self._move_average()
        self.guard.checkpoint()
        return numbers

    def _move_average(self) -> None:
        """G has moved; its average follows, where there is one."""
        if self.average:
            batch = self.recipe.batch_size
            self.average.update(self.generator, batch, max(self.steps, 1) * batch)

    def set_rates(self, g_rate: float | None = None, d_rate: float | None = None) -> None:
        """Change learning rates in place: the optimisers keep their moments. What breaks leads back here."""
        self.guard.checkpoint()
        self._use_rates(g_rate, d_rate)

    def _use_rates(self, g_rate: float | None, d_rate: float | None) -> None:
        for key, optimizer, rate in (("g_rate", self.opt_g, g_rate), ("d_rate", self.opt_d, d_rate)):
            if rate is not None:
                self._rates[key] = rate
                set_rate(optimizer, rate)

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
            "optimizer_g": optimizer_tensors(self.opt_g),
            "optimizer_d": optimizer_tensors(self.opt_d),
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
        load_optimizer(self.opt_g, state["optimizer_g"])
        load_optimizer(self.opt_d, state["optimizer_d"])
        self._use_rates(*state["counters"]["rates"].tolist())
        self.guard.checkpoint()

    def copy(self) -> State:
        """`state_dict` as it is now, whatever comes after it."""
        return {
            group: {k: v.clone() for k, v in tensors.items()} for group, tensors in self.state_dict().items()
        }


def has_batch_norm(net: nn.Module) -> bool:
    """Does a batch's company change what the net makes of an image?"""
    return any(isinstance(layer, nn.BatchNorm2d) for layer in net.modules())


def share(hits: Tensor) -> Tensor:
    """The share of True, 0-d float32."""
    return hits.float().mean()
