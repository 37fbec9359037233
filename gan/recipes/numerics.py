"""How a run computes: whatever may change the last bit of its weights, chosen once and kept with the run. No
torch: pages and lists read it.
"""

from typing import Literal, Self

from pydantic import BaseModel, Field, ValidationError

from gan.errors import Problem, first_fault
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

    def as_option(self) -> str:
        """The choice as `--numerics` takes it: "threads=2,mode=by hand"."""
        plain = Numerics()
        chosen = {name: getattr(self, name) for name in type(self).model_fields if name != "why"}
        return ",".join(
            f"{name}={value}"
            for name, value in chosen.items()
            if name == "threads" or value != getattr(plain, name)
        )

    @classmethod
    def from_option(cls, text: str) -> Self:
        """What `as_option` wrote. Raises Problem naming what can't be."""
        try:
            return cls.model_validate(dict(part.split("=", 1) for part in text.split(",")))
        except ValidationError as error:
            place, what = first_fault(error)
        except ValueError:
            place, what = "it", "each part is written KEY=VALUE"
        raise Problem(
            "--numerics {text} can't be used: {place}: {what}.",
            text=text[:80],
            place=place,
            what=what,
            misuse=True,
        )
