"""The process behind a handle: it imports torch, waits on its pipe for a task, and does it.

Started as `python -m gan.worker`, it gets messages (gan.control.messages) on its standard input and
replies on its standard output. The pipe's end means that the app is gone: a trainer saves, and the process
ends.
"""

import os
import signal
import sys
import traceback

from gan import signals, streams
from gan.control.messages import send
from gan.control.replies import Failed, Ready
from gan.errors import explain
from gan.jobs import MEMORY_FULL
from gan.worker.inbox import Inbox


def main() -> None:
    """Import torch, say so, and do the task."""
    streams.protect()  # the app may have no console, or one that is gone
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the app, whose end closes the pipe
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up between the messages
    inbox = Inbox(sys.stdin.buffer)
    signals.on_end(lambda _: inbox.end())
    try:
        import torch  # here and not above: a spare whose app is gone must notice while this takes its seconds
    except OSError as error:
        send(replies, Failed(problem=explain(error, MEMORY_FULL)))
        os._exit(1)

    from gan.compute.devices import devices
    from gan.worker.train_task import TASKS

    torch.set_num_threads(1)
    send(replies, Ready(devices=tuple(devices()), torch=torch.__version__))
    task, _ = inbox.get(wait=True)
    if do := TASKS.get(type(task)):  # none for an early End
        do(task, inbox, replies)


if __name__ == "__main__":
    try:
        main()
    except Exception:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)  # at once: the thread that waits on the pipe would make an orderly end fail
