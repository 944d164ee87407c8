"""Assignments that cover most rows, then make the worst pair as good as possible, then the total; with a proof.

Numbers only: this package knows no people.
"""

from services.matching.assignment.certificate import certificate
from services.matching.assignment.instance import Instance, MalformedInstance
from services.matching.assignment.order import ordered
from services.matching.assignment.solution import Proof, Solution, Violator
from services.matching.assignment.solving import solve
from services.matching.assignment.warming import warm_up

__all__ = [
    "Instance",
    "MalformedInstance",
    "Proof",
    "Solution",
    "Violator",
    "certificate",
    "ordered",
    "solve",
    "warm_up",
]
