"""Promises of the portal's words for matching: every code that `matching` can send has some."""

from __future__ import annotations

from itertools import pairwise

from services.matching.domain import explanations
from services.matching.domain.hard_rules import CODES
from services.matching.domain.policy import CRITERIA
from services.matching.domain.proposal import REFUSED
from services.matching.domain.run import State, failures, fingerprints
from services.portal.pages import matching_words as words


def test_every_code_of_matching_has_words() -> None:
    """Rules, reasons, states and criteria of `matching` are told in words, and none by its code."""
    told = {
        *(explanations._CONTRADICTIONS.keys() | explanations._ABSENT.keys() | explanations._CONFLICTS.keys()),
        *CODES,
        REFUSED,
    }
    assert told - words.RULES.keys() == set()
    assert set(CODES) - words.BARRED.keys() == set()
    assert set(CRITERIA) == words.CRITERIA.keys()
    assert {state.value for state in State} == words.STATES.keys()
    assert failures._SENTENCES.keys() == words.FAILURES.keys()
    assert {*explanations._UNCOVERED, "no_mentor_allowed"} == words.UNCOVERED.keys()
    assert explanations._LEFT_OUT.keys() == words.LEFT_OUT.keys()
    assert {
        *fingerprints._OF_PROFILES,
        "taking_part",
        "employment",
        "company",
        "manager",
        "pair",
    } == words.CHANGED.keys()


def test_every_share_of_a_criterion_has_a_sentence() -> None:
    """Whatever share of a criterion a pair has, the page says something of it, and more is never told as less."""
    for criterion in CRITERIA:
        said = [words.why(criterion, share / 24) for share in range(25)]
        assert all(said)
        changes = [one for one, other in pairwise(said) if one != other]
        assert len(changes) == len(set(said)) - 1, criterion
