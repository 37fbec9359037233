"""The devices of this machine."""

import torch

from gan.errors import Problem


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
