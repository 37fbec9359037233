"""torch's settings for this process: what a run's numerics ask for, and the plain ones that pictures are
drawn with.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import torch

from gan.recipes.numerics import Numerics

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3  # of glibc's mallopt
LARGE = 1 << 30  # bytes


def prepare(numerics: Numerics) -> None:
    """Set up torch for training: threads, denormals as zero, and nothing that makes two equal runs differ."""
    torch.set_num_threads(numerics.threads)
    torch.set_flush_denormal(True)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    use_products(numerics.products)
    keep_freed_memory()


def use_products(which: str) -> None:
    """Have "blas" or "onednn" multiply float32 matrices on the CPU.

    The switch says "bf16", which oneDNN takes as leave and not as an order: without matrix units it computes
    in float32 all the same, and on AMD faster than MKL does.
    """
    torch.backends.mkldnn.matmul.fp32_precision = "bf16" if which == "onednn" else "ieee"


def keep_freed_memory() -> None:
    """Have glibc keep the memory of freed tensors for the next ones.

    Otherwise it hands megabytes back at each step, and the system zeroes them anew: thousands of page faults
    a DCGAN's step, where less than a hundred are left.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library: it has its own ways
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(M_TRIM_THRESHOLD, LARGE)
            mallopt(M_MMAP_THRESHOLD, LARGE) or mallopt(M_MMAP_THRESHOLD, 32 << 20)  # older ones take no more
            mallopt(M_TOP_PAD, 64 << 20)


@contextmanager
def plainly() -> Iterator[None]:
    """Compute on one thread, by torch's own choice of library: both can change a picture's last bit."""
    threads, products = torch.get_num_threads(), torch.backends.mkldnn.matmul.fp32_precision
    torch.set_num_threads(1)
    use_products("blas")
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.mkldnn.matmul.fp32_precision = products
