"""Where a DCGAN's step spends its time, by operation, by torch's profiler: `python -m bench.split`."""

import torch
from torch.profiler import ProfilerActivity, profile

from bench.loops import ours

STEPS = 30
KINDS = {
    "convolutions": ("convolution",),
    "batch norm": ("batch_norm",),
    "activations": ("relu", "clamp_min", "threshold", "tanh"),
    "dropout": ("random_", "aten::ge", "aten::mul", "aten::div_"),
    "Adam": ("adam", "Adam", "_foreach_"),
    "casts and copies": ("copy_", "_to_copy", "aten::to", "aten::cat"),
    "dense layers, 4×4 taps": ("addmm", "aten::mm"),
}


def split(recipe: str = "dcgan") -> dict[str, float]:
    """Shares of a step's time on the processor, the largest first."""
    step = ours(recipe)
    for _ in range(STEPS):
        step()
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        for _ in range(STEPS):
            step()
    events = seen.key_averages()
    whole = sum(event.self_cpu_time_total for event in events)
    shares = dict.fromkeys([*KINDS, "the rest"], 0.0)
    for event in events:
        kind = next((kind for kind, signs in KINDS.items() if any(s in event.key for s in signs)), "the rest")
        shares[kind] += event.self_cpu_time_total / whole
    return dict(sorted(shares.items(), key=lambda pair: -pair[1]))


if __name__ == "__main__":
    torch.manual_seed(0)
    for kind, share in split().items():
        print(f"{kind:<28}{100 * share:>5.1f} %")
