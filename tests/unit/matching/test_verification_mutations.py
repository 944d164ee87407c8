"""The checker against thousands of forgeries: what it accepts is true, as looking at every matching shows."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.assignment import Instance, certificate, solve
from services.matching.verification import verify
from tests.support.matching_brute_force import Small, every_matching, judged, optimum
from tests.support.matching_certificates import Document, reference_certificate, small_instance

FORGERIES = 1_000  # by each of ten forgers
_FROM_ONE = 40  # forgeries of the same certificate
_TOPS = (1, 3, 20, 2**40, 2**62, 2**80)  # the largest score

Mutation = Callable[[random.Random, Document], object]


def small(chance: random.Random) -> Small:
    """Any kind of small instance: infeasible ones, ties, capacities from 0 to 3, classes, scores below 0."""
    rows, columns, top = chance.randint(1, 5), chance.randint(1, 4), chance.choice(_TOPS)
    share = chance.choice([0.3, 0.7, 1.0])
    scores = [
        [chance.randint(-top, top) if chance.random() < share else None for _ in range(columns)] for _ in range(rows)
    ]
    classes = [chance.randint(1, 3) for _ in range(rows)] if chance.random() < 0.4 else None
    return Small(scores, [chance.randint(0, 3) for _ in range(columns)], classes)


def containers(node: Any) -> Iterator[Any]:
    """All objects and lists in a document that are not empty, itself included."""
    if isinstance(node, dict | list) and node:
        yield node
        for inner in node.values() if isinstance(node, dict) else node:
            yield from containers(inner)


def somewhere(chance: random.Random, document: Document) -> tuple[Any, Any]:
    """A place in the parts that matter: the container and the key or position."""
    parts = [document["instance"], document["claim"], document["assignment"], document["proof"]]
    inside = chance.choice(list(containers(chance.choice(parts))))
    return inside, chance.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))


def changed_number(chance: random.Random, document: Document) -> None:
    """An integer somewhere is another one."""
    for _ in range(100):
        inside, key = somewhere(chance, document)
        if type(inside[key]) is int:
            inside[key] = chance.choice(
                [inside[key] - 1, inside[key] + 1, -inside[key], 0, inside[key] + 2**64, 2 * inside[key]]
            )
            return


def changed_kind(chance: random.Random, document: Document) -> None:
    """Something is of another type."""
    inside, key = somewhere(chance, document)
    inside[key] = chance.choice([None, True, 0.5, float("nan"), float("inf"), "1", [], {}, [0], [[0]]])


def dropped(chance: random.Random, document: Document) -> None:
    """An entry or field is missing."""
    inside, key = somewhere(chance, document)
    del inside[key]


def doubled(chance: random.Random, document: Document) -> None:
    """An entry stands twice, a field has a second one beside it."""
    inside, key = somewhere(chance, document)
    if isinstance(inside, list):
        inside.insert(key, copy.deepcopy(inside[key]))
    else:
        inside[f"{key}_too"] = copy.deepcopy(inside[key])


def exchanged(chance: random.Random, document: Document) -> None:
    """Two entries have changed places."""
    inside, key = somewhere(chance, document)
    if isinstance(inside, list):
        other = chance.randrange(len(inside))
        inside[key], inside[other] = inside[other], inside[key]


def improvable(chance: random.Random, document: Document) -> None:
    """Another legal matching, its own values claimed truly."""
    instance = small_instance(document)
    one = judged(instance, chance.choice(list(every_matching(instance))))
    document["assignment"] = list(one.partner)
    document["claim"] = {"coverage": one.coverage, "worst": one.worst, "total": one.total}


def higher_total(chance: random.Random, document: Document) -> None:
    """A higher total is claimed, and the prices agree."""
    more, prices = chance.randint(1, 5), document["proof"]["total"]
    document["claim"]["total"] += more
    place = chance.randrange(len(prices["row_prices"]))
    prices["row_prices"][place] += more


def other_instance(chance: random.Random, document: Document) -> None:
    """The proof and the pairs are of other people."""
    document["instance"] = reference_certificate(small(chance))["instance"]


def other_proof(chance: random.Random, document: Document) -> None:
    """A part of the proof is of another instance."""
    other = reference_certificate(small(chance))["proof"]
    part = chance.choice(sorted(other))
    document["proof"][part] = other[part]


MUTATIONS: tuple[Mutation, ...] = (
    *(changed_number, changed_kind, dropped, doubled, exchanged),
    *(improvable, higher_total, other_instance, other_proof),
)


def holds(document: Document) -> bool:
    """Whether the pairs are legal, and the best, and valued as claimed: by looking at every matching there is."""
    instance, claim = small_instance(document), document["claim"]
    pairs = tuple(document["assignment"])
    if pairs not in set(every_matching(instance)):
        return False
    found, best = judged(instance, pairs), optimum(instance)
    claimed = (claim["coverage"], claim["worst"], claim["total"])
    values = (found.coverage, found.worst, found.total)
    return claimed == values and (found.by_prefix, *values) == (best.by_prefix, best.coverage, best.worst, best.total)


def solved(instance: Small) -> Document:
    """The solver's own certificate."""
    given = Instance.of_dense(instance.scores, instance.capacities, instance.classes)
    return certificate(given, solve(given), seed=0)


def as_text(document: Document) -> str:
    return json.dumps(document, sort_keys=True)


@pytest.mark.parametrize("forger", range(10))
def test_ten_thousand_forged_certificates_are_refused(forger: int) -> None:
    """Of a forged certificate nothing is believed; what is accepted is another true certificate of its instance."""
    chance, refused = random.Random(forger), Counter[Mutation]()
    accepted = 0
    while refused.total() < FORGERIES:
        original = chance.choice([reference_certificate, solved])(small(chance))
        assert verify(original).accepted
        text = as_text(original)
        for _ in range(_FROM_ONE):
            mutate, forged = chance.choice(MUTATIONS), json.loads(text)
            mutate(chance, forged)
            if as_text(forged) == text:
                continue
            verdict = verify(forged)
            assert verdict.accepted != bool(verdict.faults)
            if verdict.accepted:
                assert holds(forged), (mutate, forged)
            accepted += verdict.accepted
            refused[mutate] += not verdict.accepted
    assert min(refused[mutation] for mutation in MUTATIONS) > 0
    assert accepted < refused.total() / 2, "hardly a mutation should leave a certificate valid"


@st.composite
def small_instances(draw: st.DrawFn) -> Small:
    return small(random.Random(draw(st.integers(0, 2**64))))


@given(small_instances())
def test_certificate_of_the_solver_is_accepted(instance: Small) -> None:
    """Solver and checker share no code, and agree; what they agree on is the best."""
    document = solved(instance)
    assert verify(document).faults == ()
    assert holds(document)


@given(small_instances())
def test_certificate_of_the_best_matching_is_accepted(instance: Small) -> None:
    """Whatever the instance, its best matching can be proven, and the checker sees it."""
    assert verify(reference_certificate(instance)).faults == ()


@given(small_instances(), st.data())
def test_matching_that_is_not_the_best_has_no_proof(instance: Small, data: st.DataObject) -> None:
    """With the proof of the best, every other matching is refused, unless it is as good."""
    document = reference_certificate(instance)
    best = optimum(instance)
    other = judged(instance, data.draw(st.sampled_from(sorted(every_matching(instance), key=repr))))
    document["assignment"] = list(other.partner)
    document["claim"] = {"coverage": other.coverage, "worst": other.worst, "total": other.total}
    as_good = (other.by_prefix, other.worst, other.total) == (best.by_prefix, best.worst, best.total)
    assert verify(document).accepted == as_good


@given(small_instances(), st.integers(0, 2**32), st.sampled_from([2**30, 2**63, 2**100]))
def test_verdict_does_not_depend_on_the_unit(instance: Small, seed: int, unit: int) -> None:
    """Points counted in a finer unit get the same verdict, though they need more than 64 bits."""
    document, chance = reference_certificate(instance), random.Random(seed)
    chance.choice([improvable, higher_total, partial(raised, by=1)])(chance, document)
    finer = copy.deepcopy(document)
    for holder, field in (
        (finer["instance"], "scores"),
        *((finer["proof"]["total"], field) for field in finer["proof"]["total"]),
    ):
        holder[field] = [value * unit for value in holder[field]]
    for value in ("worst", "total"):
        if finer["claim"][value] is not None:
            finer["claim"][value] *= unit
    assert verify(finer).accepted == verify(document).accepted


def raised(chance: random.Random, document: Document, by: int) -> None:
    """One allowed pair is worth more than it was."""
    if scores := document["instance"]["scores"]:
        scores[chance.randrange(len(scores))] += by
