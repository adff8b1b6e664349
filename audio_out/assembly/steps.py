"""How far a rendering is, and whether it is still wanted."""

from collections.abc import Callable

from audio_out.errors import RenderCancelled


class Steps:
    """Progress that never goes back, and the question whether to stop, asked at each step."""

    def __init__(self, total: int, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> None:
        self._total, self._on_progress, self._cancelled = total, on_progress, cancelled
        self._done = -1

    def reach(self, done: int) -> None:
        """Tell that so many are done.

        Raises:
            RenderCancelled: it is not wanted any more.
        """
        self.ask()
        if done > self._done:
            self._done = done
            self._on_progress(done, self._total)

    def ask(self) -> None:
        """Whether it is still wanted, or RenderCancelled."""
        if self._cancelled():
            raise RenderCancelled
