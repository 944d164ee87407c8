"""The background work of `matching`: runs are solved in processes of their own and published; pairs end."""

from services.matching.worker.asking import Asking, NoAnswer
from services.matching.worker.causes import Causes
from services.matching.worker.children import Child, ChildDied, Children, NotReady
from services.matching.worker.ender import Ender
from services.matching.worker.publisher import Publisher
from services.matching.worker.solver import ATTEMPTS, Limits, Solver
from services.matching.worker.waiting import Waiting

__all__ = [
    "ATTEMPTS",
    "Asking",
    "Causes",
    "Child",
    "ChildDied",
    "Children",
    "Ender",
    "Limits",
    "NoAnswer",
    "NotReady",
    "Publisher",
    "Solver",
    "Waiting",
]
