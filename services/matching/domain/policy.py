"""A matching policy: what a pair must not be, what its points are counted from, and who comes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal
from unicodedata import normalize

from services.matching.domain.rules import Fault, RuleBroken

SubsidiaryRule = Literal["any", "must_differ", "must_be_same"]
MeetingRule = Literal["any", "same_place", "same_place_or_remote"]
Level = Literal["A1", "A2", "B1", "B2", "C1", "C2"]
Priority = Literal["none", "by_level"]

FULL_MARKS = 100  # points of the best possible pair
LEVELS: tuple[Level, ...] = ("A1", "A2", "B1", "B2", "C1", "C2")  # Common European Framework, lowest first
LONGEST_NAME = 80
_LONGEST_WORD = 33  # of a label
HIGHEST_PRIORITY_WEIGHT = 100
MOST_UNITS = 1000  # per point; keeps every sum of a run in 64 bits
MOST_VETO_DAYS = 30


class MalformedPolicy(RuleBroken):
    """A policy that no points can be counted by; ``faults`` names each field."""

    kind = "policy-malformed"
    status = 422


def level_number(level: Level) -> int:
    """1 for A1 to 6 for C2."""
    return LEVELS.index(level) + 1


@dataclass(frozen=True, slots=True)
class Rules:
    """What a pair must not be, whatever its points; two rules hold in every policy and have no switch here.

    ``subsidiary`` says whether the two must work for different companies or the same one; ``language_level`` is what
    both must speak of one language; ``meeting`` whether they must be in one place, or may meet by video instead.
    ``same_manager`` forbids two who report to one person, ``earlier_pairs`` two who were a pair in another edition.
    """

    subsidiary: SubsidiaryRule = "any"
    language_level: Level = "B2"
    meeting: MeetingRule = "any"
    same_manager: bool = True
    earlier_pairs: bool = True


@dataclass(frozen=True, slots=True)
class Weights:
    """The most points that each criterion can give: whole points, 100 together; 0 leaves a criterion out."""

    learning_wishes: int
    availability: int
    languages: int
    hierarchy: int
    place: int
    other_subsidiary: int


CRITERIA: tuple[str, ...] = tuple(field.name for field in fields(Weights))


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy; immutable, so what was counted by it can always be counted again.

    ``priority_weights`` say how much a wish of priority 1, 2 and 3 counts. Scores are counted in units of
    1 / ``units_per_point`` of a point, so that they are integers. ``veto_days`` are the days that a pair has to object
    to a proposal. With ``priority`` ``by_level`` the top of the reporting line is covered first where not everybody
    can be. Raises ``MalformedPolicy``.
    """

    policy_id: str
    name: str
    version: int
    rules: Rules
    weights: Weights
    priority_weights: tuple[int, int, int] = (4, 2, 1)
    units_per_point: int = 100
    veto_days: int = 3
    priority: Priority = "none"

    def __post_init__(self) -> None:
        if faults := tuple(_faults(self)):
            told = "; ".join(message for _, message in faults)
            raise MalformedPolicy(f"The policy cannot be used: {told}", faults=faults)

    @property
    def label(self) -> str:
        """Name and version as one word, such as ``standard.1``: what runs and events call the policy.

        Events take 40 characters of it, letters without accents and digits; a name without any gives way to the id.
        """
        plain = normalize("NFKD", self.name.casefold()).encode("ascii", "ignore").decode()
        words = "".join(sign if sign.isalnum() else " " for sign in plain).split()
        return f"{'-'.join(words)[:_LONGEST_WORD].strip('-') or self.policy_id}.{self.version}"


def _faults(policy: Policy) -> Iterator[Fault]:
    if not policy.name.strip() or len(policy.name) > LONGEST_NAME:
        yield "/name", f"Give the policy a name of 1 to {LONGEST_NAME} characters."
    if policy.version < 1:
        yield "/version", "Versions count from 1."
    yield from _faults_of_weights(policy.weights)
    yield from _faults_of_priorities(policy.priority_weights)
    if not 1 <= policy.units_per_point <= MOST_UNITS:
        yield "/units_per_point", f"A point has 1 to {MOST_UNITS} units."
    if not 0 <= policy.veto_days <= MOST_VETO_DAYS:
        yield "/veto_days", f"Give a pair 0 to {MOST_VETO_DAYS} days to object."


def _faults_of_weights(weights: Weights) -> Iterator[Fault]:
    shares = {name: getattr(weights, name) for name in CRITERIA}
    for name, share in shares.items():
        if share < 0:
            yield f"/weights/{name}", "A criterion gives 0 points or more; 0 leaves it out."
    together = sum(shares.values())
    if together != FULL_MARKS:
        yield "/weights", f"The weights are {together} points together; make them {FULL_MARKS}."


def _faults_of_priorities(weights: tuple[int, int, int]) -> Iterator[Fault]:
    for place, weight in enumerate(weights):
        if not 1 <= weight <= HIGHEST_PRIORITY_WEIGHT:
            yield f"/priority_weights/{place}", f"A wish counts 1 to {HIGHEST_PRIORITY_WEIGHT} times."
    if sorted(weights, reverse=True) != list(weights):
        yield "/priority_weights", "A wish of a higher priority must not count less than one of a lower priority."


STANDARD = Policy(
    policy_id="standard",
    name="standard",
    version=1,
    rules=Rules(),
    weights=Weights(learning_wishes=60, availability=10, languages=10, hierarchy=10, place=5, other_subsidiary=5),
)
# What runs were counted by before policies were kept; their proposals and pairs still name it.
BEFORE_POLICIES = Policy(
    policy_id="2026",
    name="2026",
    version=1,
    rules=Rules(same_manager=False, earlier_pairs=False),
    weights=Weights(learning_wishes=80, availability=0, languages=0, hierarchy=0, place=8, other_subsidiary=12),
)
BUILT_IN: dict[str, Policy] = {one.label: one for one in (STANDARD, BEFORE_POLICIES)}
"""The policies that nobody keeps, by their label."""
