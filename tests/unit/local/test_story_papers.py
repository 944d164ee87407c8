"""Promises about what is written in the story: whoever reads it, the ranks come out as the story needs them."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise
from statistics import median

from deploy.local.story import calendar, papers, roster

PAPERS = papers.papers()
ASSESSORS = [number for number, row in roster.rows().items() if row["roles"].startswith("assessor@")]
ELIGIBLE = {number: paper for number, paper in PAPERS.items() if number not in ("M014", "M022")}


def points(levels: tuple[int, ...]) -> Fraction:
    """The weighted total of a sheet with these levels."""
    criteria = papers.call()["criteria"]
    return sum(
        (Fraction(one["weight"] * level, len(one["levels"])) for one, level in zip(criteria, levels, strict=True)),
        Fraction(0),
    )


def judged(assessor: str, paper: papers.Paper) -> Fraction:
    """The total that this assessor gives."""
    return points(tuple(papers.judge(assessor, paper).scores.values()))


def test_everybody_who_applies_has_written_something_of_their_own() -> None:
    """So an assessor who sees no name can still tell whose answers these are."""
    assert sorted(PAPERS) == sorted(number for number in roster.rows() if number.startswith("M"))
    for paper in PAPERS.values():
        assert papers.read(list(paper.answers.values())) == paper


def test_whichever_three_read_an_application_its_median_is_the_same() -> None:
    """Who assesses what is drawn anew at each playing; the ranks are not."""
    assert len(ASSESSORS) == calendar.ASSESSORS
    for paper in PAPERS.values():
        for three in combinations(ASSESSORS, calendar.SHEETS_EACH):
            assert median(judged(one, paper) for one in three) == points(paper.merit), paper.number


def test_the_cut_falls_between_two_who_are_equal() -> None:
    """Above the tie there are nineteen places of twenty, so one of two is left for both."""
    ranked = sorted(ELIGIBLE.values(), key=lambda paper: -points(paper.merit))
    above = [one for one in ranked if points(one.merit) > points(PAPERS[papers.WON_THE_TIE].merit)]

    assert len(ranked) == calendar.RANKED
    assert sum(one.places for one in above) == calendar.PLACES - 1
    assert len(above) == calendar.SELECTED - 1
    assert {one.number for one in ranked[len(above) : len(above) + 2]} == {papers.WON_THE_TIE, papers.LOST_THE_TIE}
    totals = [points(one.merit) for one in ranked]
    assert [a for a, b in pairwise(totals) if a == b] == [points(ranked[len(above)].merit)]
    assert papers.WITHDRAWN in {one.number for one in above}


def test_those_who_offer_two_places_may_have_two_mentees() -> None:
    """The application and the profile, from which pairs are made, say the same."""
    assert {paper.number for paper in PAPERS.values() if paper.places == 2} == {
        number for number, row in roster.rows().items() if row["capacity"] == "2"
    }


def test_the_call_is_written_in_both_languages() -> None:
    """Texts, questions, criteria and each level."""
    call = papers.call()
    wordings = [call["texts"], *(question["text"] for question in call["questions"])]
    wordings += [one for criterion in call["criteria"] for one in (criterion["title"], *criterion["levels"])]

    assert all(set(wording) == {"de", "en"} for wording in wordings)
    assert sum(criterion["weight"] for criterion in call["criteria"]) == 100
    assert all(10 <= len(reason) <= 1000 for reason in call["reasons"].values())
