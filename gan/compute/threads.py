"""How many threads a training may use: a number for each run, since it can change the last bit of its
weights.
"""

import os
import re


def cores() -> int:
    """Processors this process may use, or OMP_NUM_THREADS where that says fewer."""
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()  # "4,2" is 4, and 2 inside each
    return min(here, max(1, int(wanted))) if re.fullmatch("[0-9]{1,4}", wanted) else here


def threads_beside_a_browser() -> int:
    """Threads while a page is open: one core stays free for browser and server, as two busy ones slow each
    other.
    """
    return max(1, cores() - 1)
