"""The background work of `matching`: runs are solved in processes of their own and published; pairs end."""

from services.matching.worker.asking import Asking, NoAnswer
from services.matching.worker.children import Child, ChildDied, Children, NotReady
from services.matching.worker.ender import Ender
from services.matching.worker.publisher import Publisher
from services.matching.worker.solver import ATTEMPTS, Solver

__all__ = [
    "ATTEMPTS",
    "Asking",
    "Child",
    "ChildDied",
    "Children",
    "Ender",
    "NoAnswer",
    "NotReady",
    "Publisher",
    "Solver",
]
