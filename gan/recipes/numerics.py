"""How a run computes: whatever may change the last bit of its weights, chosen once and kept with the run. No
torch: pages and lists read it.
"""

from typing import Literal

from pydantic import BaseModel, Field

from gan.i18n import t


class Numerics(BaseModel, frozen=True, extra="forbid"):
    """The same recipe, data, seed, device and numerics give the same weights, bit for bit.

    The defaults are the plain ones, the same on every machine.
    """

    threads: int = Field(1, ge=1, le=4096)  # of the CPU
    precision: Literal["float32", "bfloat16"] = "float32"  # of the products; weights are always float32
    products: Literal["blas", "onednn"] = "blas"  # which library multiplies float32 matrices on the CPU
    mode: Literal["eager", "by hand", "graph"] = "eager"  # of gan.train: autograd, manual_step, cuda_graph
    why: str = Field("", max_length=400)  # what was measured, in a sentence

    def told(self, device: str) -> str:
        """The choice in a few words: "2 threads, bfloat16"."""
        words = []
        if device == "cpu":
            words.append(t("1 thread") if self.threads == 1 else t("{count} threads", count=self.threads))
        words.append(self.precision)
        if self.products != "blas":
            words.append(t("oneDNN"))
        if self.mode == "graph":
            words.append(t("one CUDA graph"))
        elif self.mode == "by hand":
            words.append(t("gradients by hand"))
        return ", ".join(words)
