"""Kernels compiled or read before anybody waits for them."""

from __future__ import annotations

import numpy as np

from services.matching.assignment.instance import Instance
from services.matching.assignment.solving import solve
from services.matching.kernels.compiling import forget, note_complete


def warm_up() -> None:
    """Call every kernel once with the types that it is always called with.

    A second or less where they lie compiled, else they are compiled now: half a minute. They are kept where the
    package lies, or in the temporary folder where nobody may write there. What cannot be read, such as a file that a
    power cut left empty, is compiled anew. Raises what that raises, and OSError where it may not be removed.
    """
    try:
        _call_every_kernel()
    except Exception:
        forget()
        _call_every_kernel()
    note_complete()


def _call_every_kernel() -> None:
    too_few_places = Instance.of_dense([[5, 3], [2, None], [8, 1]], [1, 1], (2, 1, 1))
    enough_of_them = Instance.of_dense([[5, 3, 1], [2, None, 7]], [2, 0, 1])
    beyond_int64 = Instance.of_dense([[2**80, 3], [2, None]], [1, 1])
    matrix = np.ones((2, 2), np.int64)
    dense = Instance.of_matrix(matrix, matrix > 0, np.ones(2, np.int64))
    for instance in (dense, too_few_places, enough_of_them, beyond_int64):
        solve(instance)
