"""Promises of what the solving process does with people, a policy and overrides: from the task to what is found."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.matching.domain import run
from services.matching.domain.contradictions import ContradictoryOverrides
from services.matching.domain.inputs import FULL, Inputs, Taken
from services.matching.domain.overrides import NO_OVERRIDES, Override, Overrides
from services.matching.domain.people import Mentee, Mentor, Skill, Wish
from services.matching.domain.policy import STANDARD
from services.matching.solving import engine, forcing, proposing, relaxing
from services.matching.solving.tasks import SolveTask, Told, WhyNotTask

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
German = {"de": 6}


def considered(
    levels: Mapping[str, int], executives: int, *, places: int = 1, **languages: Mapping[str, int]
) -> Inputs:
    """Mentors by what they know of TikTok, and executives e0, e1 … who wish to learn it; some speak other languages."""
    mentors = {
        id: Mentor(id, "north", languages.get(id, German), skills=(Skill("tiktok", level),), capacity=places)
        for id, level in levels.items()
    }
    mentees = {
        id: Mentee(id, "south", languages.get(id, German), wishes=(Wish("tiktok", 1),))
        for id in (f"e{number}" for number in range(executives))
    }
    slots = {id: tuple(range(1, places + 1)) for id in mentors}
    return Inputs(mentors, mentees, {}, {}, slots, frozenset(), own_places=dict.fromkeys(mentors, places))


def task(inputs: Inputs, *overrides: Override, **more: object) -> SolveTask:
    """What a process is asked about them."""
    stated = Overrides("e", overrides) if overrides else NO_OVERRIDES
    return replace(SolveTask("full", STANDARD, stated, seed=0, inputs=inputs), **more)  # type: ignore[arg-type]


def solved(wanted: SolveTask) -> tuple[run.Found, bytes]:
    """What is found; nobody listens to the progress."""
    return proposing.solved(wanted, lambda told: None)


def laid_down(kind: str, mentor_id: str, mentee_id: str) -> Override:
    """Somebody's word about a pair."""
    return Override(f"{kind} {mentor_id}", kind, mentor_id, mentee_id, None, "Because.", "manager", AT)  # type: ignore[arg-type]


def partners(found: run.Found) -> dict[str, str]:
    """Who is proposed for whom."""
    return {pair.mentee_id: pair.mentor_id for pair in found.proposal.pairs}


def test_pair_that_was_laid_down_counts_in_the_figures_and_in_their_proof() -> None:
    """It is proposed with its points; the proof is about all pairs, and names the place that it has for itself."""
    inputs = considered({"m1": 4, "m2": 1}, 2)
    found, certificate = solved(task(inputs, laid_down("force", "m2", "e0")))

    assert partners(found) == {"e0": "m2", "e1": "m1"}
    assert [(pair.mentee_id, pair.forced) for pair in found.proposal.pairs] == [("e0", True), ("e1", False)]
    assert found.proposal.worst == found.proposal.pairs[0].points
    document = engine.read(certificate)
    assert document["names"] == {"rows": ["e0", "e1"], "columns": ["m1", "m2", "m2 (forced)"]}
    assert document["instance"]["capacities"] == [1, 0, 1]
    said = found.proposal
    assert document["claim"] == {"coverage": 2, "worst": said.worst, "total": said.total}


def test_overrides_that_contradict_each_other_are_refused_before_anything_is_solved() -> None:
    """Whoever asked is told which they are."""
    both = (laid_down("force", "m1", "e0"), laid_down("block", "m1", "e0"))

    with pytest.raises(ContradictoryOverrides, match="m1"):
        solved(task(considered({"m1": 4}, 1), *both))


def test_nobody_on_either_side_is_a_proposal_without_pairs() -> None:
    """No executives, no mentors, mentors without places: all are answers, with a proof."""
    for inputs in (considered({}, 0), considered({"m1": 4}, 0), considered({}, 2), considered({"m1": 1}, 2, places=0)):
        found, certificate = solved(task(inputs))

        assert (found.proposal.pairs, found.proposal.worst) == ((), None)
        assert len(found.proposal.uncovered) == len(inputs.mentees)
        assert engine.read(certificate)["claim"] == {"coverage": 0, "worst": None, "total": 0}


def test_each_lack_is_a_group_of_its_own_with_the_rules_that_bar_others() -> None:
    """Two who compete for one mentor, and one who speaks a language that nobody speaks."""
    inputs = considered({"m1": 4}, 3, e2={"fr": 6})
    found, _ = solved(task(inputs))

    assert found.shortages == (
        run.Shortage(("e0", "e1"), ("m1",), places=1, missing=1),
        run.Shortage(("e2",), (), places=0, missing=1, barred=(("no_common_language", 1),)),
    )
    assert [(one.kind, one.mentor_id, one.value, one.covered) for one in found.relaxations] == [
        ("extra_place", "m1", "2", 2)
    ]


def test_what_helps_is_ranked_by_what_it_leaves() -> None:
    """Most covered first, then the better worst pair; a level is lowered no further than it helps."""
    inputs = considered({"m1": 1, "m2": 4}, 2, m2={"de": 3})
    found, _ = solved(task(inputs))

    assert [(one.kind, one.mentor_id, one.value) for one in found.relaxations] == [
        ("language_level", None, "B1"),
        ("extra_place", "m1", "2"),
    ]
    figures = [(one.covered, one.worst, one.total) for one in found.relaxations]
    assert figures == sorted(figures, reverse=True)
    assert {one.covered for one in found.relaxations} == {2}


def test_reserve_who_would_cover_more_is_named() -> None:
    """Not one who may not mentor anybody that lacks a mentor."""
    inputs = considered({"m1": 4}, 2, places=3)
    full = replace(inputs, mentors={"m1": replace(inputs.mentors["m1"], capacity=1)})
    able = considered({"r1": 3, "r2": 4}, 0, r2={"fr": 6}).mentors
    found, _ = solved(task(full, reserves=able))

    assert [(one.kind, one.mentor_id, one.covered) for one in found.relaxations] == [("reserve", "r1", 2)]


def test_what_helps_is_told_with_the_pairs_that_were_laid_down() -> None:
    """Neither shortage nor extra place touch the forced pair's own place, and the figures are of all pairs."""
    inputs = considered({"m1": 4}, 3, places=2)
    found, _ = solved(task(inputs, laid_down("force", "m1", "e0")))
    [forced, other] = found.proposal.pairs
    total = found.proposal.total + other.points

    assert {forced.forced, other.forced} == {True, False}
    assert found.shortages == (run.Shortage(("e1", "e2"), ("m1",), places=1, missing=1),)
    assert found.relaxations == (run.Relaxation("extra_place", 3, found.proposal.worst, total, "m1", "3"),)


@pytest.mark.parametrize(("given", "offered"), [(1, ["2"]), (2, ["3"]), (3, [])])
def test_extra_place_is_one_more_than_was_given_in_this_edition(given: int, offered: list[str]) -> None:
    """Whatever the profile says; nobody gets more places than may be laid down."""
    inputs = considered({"m1": 4}, 4)
    free = replace(inputs, mentors={"m1": replace(inputs.mentors["m1"], capacity=given)})
    found, _ = solved(task(free, Override("o", "place", "m1", None, given, "agreed", "kurz", AT)))

    assert [one.value for one in found.relaxations] == offered


@pytest.mark.parametrize(("pairs", "offered"), [(1, [("m2", "2"), ("m1", "2")]), (2, [("m2", "3"), ("m1", "2")])])
def test_place_more_is_offered_of_mentors_whose_places_are_taken(pairs: int, offered: list[tuple[str, str]]) -> None:
    """After a publication that is nearly everybody; the place comes on top of their pairs, however few they offer."""
    inputs = full(considered({"m1": 1, "m2": 4}, 2), "m2", pairs)
    found, _ = solved(task(inputs))

    assert found.proposal.covered == 1
    assert [(one.mentor_id, one.value, one.covered) for one in found.relaxations] == [(*one, 2) for one in offered]


def test_whose_places_are_taken_gets_no_place_beyond_what_may_be_laid_down() -> None:
    """Nor is one offered for whom there is no memory: the others are."""
    three, one = (full(considered({"m1": 1, "m2": 4}, 2), "m2", pairs) for pairs in (3, 1))

    assert [one.mentor_id for one in solved(task(three))[0].relaxations] == ["m1"]
    assert [one.mentor_id for one in solved(task(one, most_pairs=2))[0].relaxations] == ["m1"]


def full(inputs: Inputs, id: str, pairs: int) -> Inputs:
    """The same after so many pairs of a mentor that no place is left."""
    left = {other: mentor for other, mentor in inputs.mentors.items() if other != id}
    taken = {f"x{number}": id for number in range(pairs)}
    nobody = replace(inputs.mentors[id], capacity=0)
    return replace(inputs, mentors=left, mentors_out={id: FULL}, taken=taken, full={id: nobody})


def test_what_helps_is_looked_for_while_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proposal does not wait for it; half of the time is for extra places, the rest for all else."""
    inputs = considered({"m1": 1, "m2": 4}, 2, m2={"de": 3})
    monkeypatch.setattr(relaxing, "SECONDS", 0.0)
    found, _ = solved(task(inputs))

    assert (found.proposal.covered, found.relaxations) == (1, ())
    assert found.shortages


def test_change_for_which_there_is_no_memory_is_not_among_what_helps() -> None:
    """A lower level would allow more pairs than are possible; the proposal itself and extra places stay within."""
    inputs = considered({"m1": 1, "m2": 4}, 2, m2={"de": 3})
    found, _ = solved(task(inputs, most_pairs=2))

    assert [(one.kind, one.value) for one in found.relaxations] == [("extra_place", "2")]


def test_progress_is_told_step_by_step() -> None:
    """Whoever waits sees how far it is, each trial of what would help included."""
    told: list[Told] = []
    proposing.solved(task(considered({"m1": 4}, 2)), told.append)

    assert [one.step for one in told][:4] == ["scoring", "solving", "proving", "writing"]
    assert told[-1] == Told("writing", 0, 1)


def test_pair_that_is_held_moves_nobody_without_need() -> None:
    """Of several best proposals with it the one nearest to what was proposed: among equals nobody moves."""
    inputs = considered({f"m{number}": 2 for number in range(6)}, 5)
    found, certificate = solved(task(inputs))
    before = partners(found)
    [free] = inputs.mentors.keys() - set(before.values())

    answer = forcing.why_not(WhyNotTask("e0", free), certificate)

    assert answer.now == answer.forced
    assert answer.moved == (run.Moved("e0", before["e0"], free),)


def test_pair_that_is_held_has_its_price_in_the_figures_of_all_pairs() -> None:
    """Those that were laid down count in both and stay."""
    inputs = considered({"m1": 4, "m2": 3, "m3": 1, "m4": 0}, 3)
    found, certificate = solved(task(inputs, laid_down("force", "m4", "e2")))
    said = found.proposal

    answer = forcing.why_not(WhyNotTask("e0", "m3"), certificate)

    assert answer.now == run.Figures(3, said.worst, said.total)
    assert answer.forced is not None
    assert (answer.forced.covered, answer.forced.worst) == (3, said.worst)
    assert answer.forced.total < answer.now.total
    assert "e2" not in {one.mentee_id for one in answer.moved}


def test_place_that_a_held_pair_takes_is_nobody_elses() -> None:
    """Whoever had it gets the one that is left."""
    inputs = considered({"m1": 4, "m2": 3}, 2)
    found, certificate = solved(task(inputs))
    before = partners(found)

    answer = forcing.why_not(WhyNotTask("e0", before["e1"]), certificate)

    assert answer.forced == answer.now
    assert answer.moved == (
        run.Moved("e0", before["e0"], before["e1"]),
        run.Moved("e1", before["e1"], before["e0"]),
    )


def test_pair_that_is_not_allowed_or_not_known_has_no_price() -> None:
    """Barred by a rule, without a place, or not among those who were matched."""
    inputs = considered({"m1": 4, "m2": 3}, 1, m2={"fr": 6})
    full = replace(inputs, mentors={**inputs.mentors, "m3": replace(inputs.mentors["m1"], person_id="m3", capacity=0)})
    _, certificate = solved(task(full))

    for mentee, mentor in (("e0", "m2"), ("e0", "m3"), ("e0", "nobody"), ("nobody", "m1")):
        assert forcing.why_not(WhyNotTask(mentee, mentor), certificate).forced is None


def test_certificate_is_kept_as_json_that_a_stream_can_open() -> None:
    """The digest is the document's own, and points stand in it as whole numbers."""
    found, certificate = solved(task(considered({"m1": 4}, 1)))

    document = engine.read(certificate)
    assert found.certificate == run.Certificate(document["digest"], pairs=1)
    assert zlib.decompress(certificate).startswith(b"{")
    assert document["instance"]["scores"] == [found.proposal.total]


def rematched(inputs: Inputs, current: Mapping[str, str], *overrides: Override) -> dict[int, run.Alternative]:
    """The alternatives by their number of changes; ``current`` are mentors by executive."""
    standing = tuple(Taken(mentor, mentee, 1, f"pair of {mentee}") for mentee, mentor in current.items())
    found, _ = solved(task(inputs, *overrides, kind="rematch", current=standing))
    assert found.proposal.pairs == ()
    return {one.changes: one for one in found.alternatives}


def test_rematch_offers_more_coverage_for_more_changes() -> None:
    """An executive whose only possible mentor is somebody else's gets none until one pair may change."""
    inputs = considered({"m1": 2, "m2": 2}, 2, m1={"de": 6, "fr": 6}, e1={"fr": 6})
    ways = rematched(inputs, {"e0": "m1"})

    assert (ways[0].covered, ways[0].pairs, [one.mentee_id for one in ways[0].uncovered]) == (1, (), ["e1"])
    moved = {pair.mentee_id: (pair.mentor_id, pair.ends) for pair in ways[1].pairs}
    assert moved == {"e0": ("m2", "pair of e0"), "e1": ("m1", None)}
    assert (ways[1].covered, ways[1].uncovered) == (2, ())
    assert ways.keys() == {0, 1, 3}


def test_rematch_leaves_a_pair_alone_that_a_rule_forbids_by_now() -> None:
    """It keeps its place, counts as covered, and is in no new pair."""
    inputs = considered({"m1": 4, "m2": 1}, 2, m1={"fr": 6})
    ways = rematched(inputs, {"e0": "m1"})

    assert {pair.mentee_id: pair.mentor_id for pair in ways[3].pairs} == {"e1": "m2"}
    assert ways[3].covered == 2


def test_rematch_parts_a_pair_that_people_forbade() -> None:
    """Whoever is parted gets another mentor, which costs no change; so also where a rule forbids the pair by now."""
    for spoken in (German, {"fr": 6}):
        inputs = considered({"m1": 4, "m2": 1}, 1, m1=spoken)
        ways = rematched(inputs, {"e0": "m1"}, laid_down("block", "m1", "e0"))

        assert [(pair.mentor_id, pair.ends) for pair in ways[0].pairs] == [("m2", "pair of e0")]
        assert ways[0].covered == 1


def test_rematch_takes_nobodys_mentor_away_for_somebody_who_fits_better() -> None:
    """Where mentors are short, whoever has one keeps one, whatever the points are; also where one place is left."""
    inputs = considered({"m1": 4}, 2)
    plain = replace(inputs.mentees["e0"], wishes=(Wish("podcasts", 1),))
    ways = rematched(replace(inputs, mentees={**inputs.mentees, "e0": plain}), {"e0": "m1"})

    for way in ways.values():
        assert (way.covered, way.pairs, [one.mentee_id for one in way.uncovered]) == (1, (), ["e1"])


def test_pair_that_people_forbade_goes_on_where_there_is_nobody_else() -> None:
    """Its place is nobody else's, and the executive is told of; a swap with another one parts it."""
    alone = considered({"m1": 4}, 2)
    ways = rematched(alone, {"e0": "m1"}, laid_down("block", "m1", "e0"))
    for way in ways.values():
        reasons = [(one.mentee_id, one.reason) for one in way.uncovered]
        assert (way.covered, way.pairs, reasons) == (0, (), [("e0", "pair_goes_on"), ("e1", "no_mentor_free")])

    both = considered({"m1": 4, "m2": 1}, 2)
    ways = rematched(both, {"e0": "m1", "e1": "m2"}, laid_down("block", "m1", "e0"))
    assert (ways[0].covered, ways[0].pairs) == (1, ())
    assert {one.mentee_id: one.mentor_id for one in ways[1].pairs} == {"e0": "m2", "e1": "m1"}


def test_many_pairs_that_people_forbade_give_way_together_or_go_on() -> None:
    """More than every choice is tried of: whoever finds somebody else is parted, and nobody is left without."""
    now = {f"e{number}": f"m{number}" for number in range(6)}
    words = [laid_down("block", mentor, executive) for executive, mentor in now.items()]
    ways = rematched(considered(dict.fromkeys(now.values(), 4), 6), now, *words)
    assert [(way.covered, len(way.pairs)) for way in ways.values()] == [(6, 6)] * 3

    spoken = {id: {f"l{id[1:]}": 6} for id in (*now, *now.values())}
    ways = rematched(considered(dict.fromkeys(now.values(), 4), 6, **spoken), now, *words)
    for way in ways.values():
        assert (way.covered, way.pairs, {one.reason for one in way.uncovered}) == (0, (), {"pair_goes_on"})


def test_rematch_of_too_many_pairs_is_refused() -> None:
    """As any run is for which there is no memory."""
    with pytest.raises(engine.TooManyPairs):
        solved(task(considered({"m1": 4, "m2": 1}, 2), kind="rematch", most_pairs=3))


def test_place_of_an_executive_who_is_exempt_for_a_while_is_not_given_away() -> None:
    """The pair stands, though the executive is none of those to be matched."""
    ways = rematched(considered({"m1": 4}, 1), {"elsewhere": "m1"})

    assert [(way.covered, way.pairs) for way in ways.values()] == [(0, ())] * 3


@pytest.mark.parametrize("places", [0, 1])
def test_mentor_who_lowers_the_places_keeps_the_pairs_that_run_and_gets_nobody_new(places: int) -> None:
    """No pair ends for the number, and no place becomes free when one changes."""
    free, spoken = considered({"m1": 4, "m2": 1}, 3, places=2), {"de": 6, "fr": 6}
    french = replace(free.mentees["e2"], languages={"fr": 6})
    now = replace(
        free,
        mentors={**free.mentors, "m1": replace(free.mentors["m1"], languages=spoken)},
        mentees={**free.mentees, "e2": french},
        own_places={"m1": places, "m2": 2},
    )

    for way in rematched(now, {"e0": "m1", "e1": "m1"}).values():
        assert (way.covered, way.pairs, [one.mentee_id for one in way.uncovered]) == (2, (), ["e2"])


def test_word_that_an_executive_is_to_have_another_mentor_moves_nobody_who_has_one() -> None:
    """As in any run nothing comes of it while the pair runs; and no pair is in its way."""
    ways = rematched(considered({"m1": 4, "m2": 1}, 1), {"e0": "m1"}, laid_down("force", "m2", "e0"))

    assert [(way.covered, way.pairs) for way in ways.values()] == [(1, ())] * 3


def test_forced_pair_for_which_a_running_one_leaves_no_place_is_a_contradiction() -> None:
    """People end the one or withdraw the other; the re-match does not choose for them."""
    with pytest.raises(ContradictoryOverrides, match="fewer free places"):
        rematched(considered({"m1": 4, "m2": 1}, 2), {"e0": "m1"}, laid_down("force", "m1", "e1"))


def test_rematch_says_where_a_pair_left_alone_has_the_place_of_a_forced_one() -> None:
    """As with any active pair: nothing is solved until somebody decides."""
    inputs = considered({"m1": 4}, 2, e0={"fr": 6})
    with pytest.raises(ContradictoryOverrides, match="fewer free places"):
        rematched(inputs, {"e0": "m1"}, laid_down("force", "m1", "e1"))


def test_rematch_keeps_a_forced_pair_that_stands() -> None:
    """It is no new pair, and no change parts it."""
    inputs = considered({"m1": 0, "m2": 4}, 1)
    ways = rematched(inputs, {"e0": "m1"}, laid_down("force", "m1", "e0"))

    assert [(way.covered, way.pairs) for way in ways.values()] == [(1, ())] * 3
