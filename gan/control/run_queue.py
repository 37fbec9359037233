"""Which of the runs started here train, and which wait for a device to be free."""

import threading
from collections.abc import Callable
from pathlib import Path

from gan.control.process import Worker
from gan.control.run_handle import RunHandle
from gan.limits import limits


class RunQueue:
    """The runs that were started here, by their folder. On each device as many train at once as the limits
    allow; the others wait in the order in which they came.
    """

    def __init__(self, take_worker: Callable[[], Worker], usual_device: Callable[[], str]) -> None:
        self._take_worker, self._usual_device = take_worker, usual_device
        self._lock = threading.RLock()
        self._handles: dict[Path, RunHandle] = {}
        self._waiting: list[RunHandle] = []
        self._closed = False

    def add(self, handle: RunHandle) -> None:
        """Let a run wait for its turn; where a device is free, that is now."""
        with self._lock:
            self._handles[handle.run.path] = handle
            self._waiting.append(handle)
            self.next_turn()

    def next_turn(self) -> None:
        """Give workers to those that have waited longest and whose device is free."""
        with self._lock:
            self._waiting = [handle for handle in self._waiting if handle.is_queued]
            for handle in [] if self._closed else list(self._waiting):
                if len(self._training_on(self._device(handle))) < limits().at_once:
                    self._waiting.remove(handle)
                    handle.launch(self._take_worker())

    def _device(self, handle: RunHandle) -> str:
        return self._usual_device() if handle.order.device == "auto" else handle.order.device

    def _training_on(self, device: str) -> list[RunHandle]:
        return [handle for handle in self.handles() if handle.is_training and self._device(handle) == device]

    def ahead_of(self, handle: RunHandle) -> list[RunHandle]:
        """Whom a run waits for: those in training on its device, and those that wait for it longer."""
        with self._lock:
            device = self._device(handle)
            earlier = self._waiting[: self._waiting.index(handle)] if handle in self._waiting else []
            return self._training_on(device) + [other for other in earlier if self._device(other) == device]

    def handles(self) -> list[RunHandle]:
        """All of them, also those that have ended."""
        return list(self._handles.values())

    def handle(self, path: Path) -> RunHandle | None:
        """The run in that folder, if it was started here."""
        return self._handles.get(path)

    def active(self, home: Path) -> RunHandle | None:
        """The run in training here under that runs folder, if there is one."""
        here = (handle for handle in self.handles() if handle.run.path.parent == home)
        return next((handle for handle in here if handle.is_training), None)

    def waiting(self, home: Path) -> list[RunHandle]:
        """The runs of that folder that wait for their turn, in order."""
        with self._lock:
            return [one for one in self._waiting if one.is_queued and one.run.path.parent == home]

    def remove(self, path: Path) -> RunHandle | None:
        """Know the run in that folder no longer."""
        with self._lock:
            return self._handles.pop(path, None)

    def close(self) -> list[Worker]:
        """Begin no more; the workers of all runs, to be ended."""
        self._closed = True
        with self._lock:
            return [handle.worker for handle in self.handles() if handle.worker]
