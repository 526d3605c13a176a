"""Reading ahead: an iterator that runs in a thread of its own, a few items before whoever takes them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

_ITEMS_AHEAD = 4


class Ahead:
    """Gives the items of an iterator that runs in a thread; its errors come where its items would have come.

    Attributes:
        is_over: whether the end was met, or the thread was ended.
    """

    def __init__(self, items: Iterator[bytes]) -> None:
        self._items = items
        self._made: queue.Queue[bytes | BaseException | None] = queue.Queue(_ITEMS_AHEAD)
        self._is_stopped = False
        self.is_over = False
        self._thread = threading.Thread(target=self._run, name="fairline-reading", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        end: BaseException | None = None
        try:
            for item in self._items:
                self._made.put(item)
                if self._is_stopped:
                    return
        except BaseException as error:
            end = error
        self._made.put(end)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self.is_over:
            raise StopIteration
        item = self._made.get()
        if isinstance(item, bytes):
            return item
        self.is_over = True
        if item is not None:
            raise item
        raise StopIteration

    def stop(self) -> None:
        """Ends the thread; what it made and nobody took is dropped, what it did not reach stays in the iterator."""
        self._is_stopped = True
        self.is_over = True
        while self._thread.is_alive():
            try:
                self._made.get(timeout=0.05)
            except queue.Empty:
                continue
        self._thread.join()
