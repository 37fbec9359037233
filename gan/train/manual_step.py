"""The step of two fully connected nets with its backward pass written out: the chain rule, layer by layer.

Layers of a few hundred numbers take less time to compute than autograd takes to note what has been computed
and to go back through its notes. The products here are those autograd would ask for, so the step is the same
up to the order in which some numbers are added; a test holds both together.
"""

import torch
from torch import Tensor, nn

from gan.recipes.recipe import Recipe
from gan.train.losses import bce_slope

aten = torch.ops.aten
# What an activation makes of its input, in place; and how a gradient passes it, given what it had made.
ACTIVATIONS = {
    nn.LeakyReLU: (
        lambda values, layer: aten.leaky_relu_(values, layer.negative_slope),
        lambda grad, output, layer: aten.leaky_relu_backward(grad, output, layer.negative_slope, True),
    ),
    nn.ReLU: (
        lambda values, layer: values.relu_(),
        lambda grad, output, layer: aten.threshold_backward(grad, output, 0),
    ),
    nn.Tanh: (
        lambda values, layer: values.tanh_(),
        lambda grad, output, layer: aten.tanh_backward(grad, output),
    ),
}


# The recipes whose step this is: the values of each setting that are known here, none for any
# (Recipe.stays_within).
KNOWN: dict[str, tuple] = {
    "nets": ("mlp",),
    "loss": ("bce",),
    **dict.fromkeys(("hidden", "g_activation", "latent_size", "order", "d_scale", "d_latents"), ()),
    **dict.fromkeys(("betas", "eps", "batch_size", "drawing", "ema"), ()),  # of what is around the step
}


def has_manual_step(recipe: Recipe) -> bool:
    """Is the recipe's step one that this module knows?"""
    return recipe.stays_within(KNOWN)


class Chain:
    """Linear layers, each with its activation, if it has one."""

    def __init__(self, layers: nn.Sequential) -> None:
        self.links: list[tuple[nn.Linear, nn.Module | None]] = []
        for layer in layers:
            if isinstance(layer, nn.Linear):
                self.links.append((layer, None))
            else:
                self.links[-1] = (self.links[-1][0], layer)

    def forward(self, inputs: Tensor) -> list[Tensor]:
        """The inputs (B, N) and every layer's output after them."""
        outputs = [inputs]
        for linear, activation in self.links:
            values = torch.addmm(linear.bias, outputs[-1], linear.weight.t())
            if activation is not None:
                ACTIVATIONS[type(activation)][0](values, activation)
            outputs.append(values)
        return outputs

    def backward(self, outputs: list[Tensor], grad: Tensor, learns: bool, to_inputs: bool) -> Tensor:
        """From the gradient of the last output back: into the weights' `grad` if the net `learns`, and down
        to the inputs if asked so. Returns the last gradient reached.
        """
        for number in reversed(range(len(self.links))):
            linear, activation = self.links[number]
            if activation is not None:
                grad = ACTIVATIONS[type(activation)][1](grad, outputs[number + 1], activation)
            if learns:
                linear.weight.grad = grad.t() @ outputs[number]
                linear.bias.grad = grad.sum(0)
            if number or to_inputs:
                grad = grad @ linear.weight
        return grad


class ManualStep:
    """The round of one `Trainer` (gan.train.trainer) whose recipe `can_be_written_out`."""

    def __init__(self, trainer) -> None:
        self.trainer = trainer
        self.g, self.d = Chain(trainer.generator.layers), Chain(trainer.discriminator.layers)

    def fits(self, indices: Tensor) -> bool:
        """A batch of any size does."""
        return True

    @torch.no_grad()
    def play(self, indices: Tensor) -> Tensor:
        """A round on the real images of these indices, int64 (B,): NUMBERS, float32 (4,)."""
        trainer, recipe = self.trainer, self.trainer.recipe
        real = trainer.batches.take(indices).flatten(1)
        drawn = self.g.forward(trainer.draw_latents(len(real)))
        for player in recipe.order:
            if player == "g":
                g_loss = self._play_g(drawn)
            else:
                fresh = recipe.d_latents == "fresh"
                fake = self.g.forward(trainer.draw_latents(len(real)))[-1] if fresh else drawn[-1]
                d_loss, d_real, d_fake = self._play_d(real, fake)
        return torch.stack([d_loss, g_loss, d_real, d_fake])

    def _play_d(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        trainer, count, scale = self.trainer, len(real), self.trainer.recipe.d_scale
        outputs = self.d.forward(torch.cat([real, fake]))
        of_real, of_fake = outputs[-1][:count], outputs[-1][count:]
        loss = scale * trainer.loss.d(of_real, of_fake)
        slopes = torch.cat([bce_slope(of_real, 1.0), bce_slope(of_fake, 0.0)]).mul_(scale)
        self.d.backward(outputs, slopes, learns=True, to_inputs=False)
        trainer.opt_d.step()
        return loss, (of_real > 0).float().mean(), (of_fake < 0).float().mean()

    def _play_g(self, drawn: list[Tensor]) -> Tensor:
        trainer = self.trainer
        judged = self.d.forward(drawn[-1])
        loss = trainer.loss.g(None, judged[-1])
        grad = self.d.backward(judged, bce_slope(judged[-1], 1.0), learns=False, to_inputs=True)
        self.g.backward(drawn, grad, learns=True, to_inputs=False)
        trainer.opt_g.step()
        return loss
