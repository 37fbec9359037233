"""The process behind a handle: it imports torch, waits on its pipe for a task, and does it.

Started as `python -m gan.worker`, it gets messages (gan.control.messages) on its standard input and answers
on its standard output. The pipe's end means that the app is gone: a trainer saves, and the process
ends.
"""

import os
import queue
import signal
import sys
import threading
import traceback

from gan.control.messages import receive, send


class Inbox:
    """Messages as they come, read by a thread so that a busy worker still sees the pipe's end."""

    def __init__(self, pipe):
        self.messages: queue.SimpleQueue = queue.SimpleQueue()  # a signal's handler may put into it
        self.has_run = False  # one to save before the end
        threading.Thread(target=self._read, args=(pipe,), daemon=True).start()

    def _read(self, pipe) -> None:
        while (message := receive(pipe)) is not None:
            self.messages.put(message)
        self.messages.put(({"do": "end"}, b""))
        if not self.has_run:
            os._exit(0)  # perhaps in the middle of importing torch, or waiting for a silent server

    def get(self, wait: bool) -> tuple[dict, bytes] | None:
        """The next message; None if there is none and one shall not wait."""
        try:
            return self.messages.get(block=wait)
        except queue.Empty:
            return None


def main() -> None:
    """Import torch, say so, and do what is asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the app, whose end closes the pipe
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up between the messages
    inbox = Inbox(sys.stdin.buffer)
    signal.signal(signal.SIGTERM, lambda *_: inbox.messages.put(({"do": "end"}, b"")))

    import torch  # here and not above: a spare whose app is gone must notice while this takes its seconds

    from gan.compute.devices import devices
    from gan.worker import train_task

    torch.set_num_threads(1)
    send(answers, {"kind": "ready", "devices": devices(), "torch": torch.__version__})
    if inbox.messages.empty():  # nobody waits for an answer yet
        import torch._dynamo  # noqa: F401  # Adam would at its first step, and it takes more than a second
    task, _ = inbox.get(wait=True)
    inbox.has_run = task["do"] == "train"
    if task["do"] in train_task.TASKS:
        train_task.TASKS[task["do"]](task, inbox, answers)


if __name__ == "__main__":
    try:
        main()
    except Exception:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)  # at once: the thread that waits on the pipe would make an orderly end fail
