"""The park limit: a consumer that puts aside too much of what it reads must stop and say so."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence

from services.chassis.candidates import Record
from services.chassis.parking.drops import Place

WINDOW = 1_000  # records over which the share is taken
SHARE = 0.10  # of the window
IN_A_ROW = 100  # records


class ParkLimit:
    """Watches what becomes of each record; counts those that were put aside for the first time and for a fault.

    Records that only queue behind a parked one do not count: one bad record of a busy subject must not stop
    all the others.
    """

    def __init__(self) -> None:
        self._window: deque[bool] = deque(maxlen=WINDOW)
        self._bad = 0  # in the window
        self._row = 0

    def note(self, records: Sequence[Record], aside: Collection[Place]) -> str | None:
        """Take a batch into account; why the consumer must stop, or None."""
        if not aside:
            self._row = 0
            self._window.extend([False] * min(len(records), WINDOW))
            self._bad = sum(self._window) if self._bad else 0
            return None
        verdicts = [self._take((record.partition, record.offset) in aside) for record in records]
        return next((why for why in verdicts if why), None)

    def _take(self, put_aside: bool) -> str | None:
        if len(self._window) == WINDOW:
            self._bad -= self._window[0]
        self._window.append(put_aside)
        self._bad += put_aside
        self._row = self._row + 1 if put_aside else 0
        if self._row >= IN_A_ROW:
            return f"{self._row} records in a row had to be parked"
        if self._bad > WINDOW * SHARE:
            return f"{self._bad} of the last {len(self._window)} records had to be parked"
        return None

    def forget(self) -> None:
        """Begin anew, as after somebody has looked."""
        self._window.clear()
        self._bad = self._row = 0
