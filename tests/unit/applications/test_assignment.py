"""Promises of the assignment of assessors: independence always, even loads, nothing but the seed decides."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.assignment import Assessor, Candidacy, Lines, assign, dependent, independent

PEOPLE = [f"p{number}" for number in range(14)]
MENTORS, ASSESSORS = PEOPLE[:8], PEOPLE[5:]
Allowed = dict[str, frozenset[str]]


def reporting() -> st.SearchStrategy[dict[str, str | None]]:
    """Any reporting lines, circles too."""
    return st.fixed_dictionaries({}, optional={one: st.sampled_from([*PEOPLE, None]) for one in PEOPLE})


def few_allowed() -> st.SearchStrategy[Allowed]:
    """Up to four applications, each with some of five assessors: little enough to try everything."""
    some = st.frozensets(st.sampled_from("abcde"), min_size=1)
    return st.dictionaries(st.sampled_from(["w", "x", "y", "z"]), some, min_size=1)


def loads(chosen: Allowed, held: Allowed | None = None) -> Counter[str]:
    """How many applications each assessor has."""
    return Counter(one for some in (*chosen.values(), *(held or {}).values()) for one in some)


def related(lines: dict[str, str | None], one: str, other: str) -> bool:
    """Whether they are of one line, told by walking up from each of them."""
    return one == other or other in chain(lines, one) or one in chain(lines, other) or peers(lines, one, other)


def chain(lines: dict[str, str | None], one: str) -> list[str]:
    """Everybody above, in order, until nobody or somebody comes twice."""
    found: list[str] = []
    above = lines.get(one)
    while above is not None and above not in found:
        found.append(above)
        above = lines.get(above)
    return found


def peers(lines: dict[str, str | None], one: str, other: str) -> bool:
    """Whether they have the same direct manager."""
    return lines.get(one) is not None and lines.get(one) == lines.get(other)


@given(lines=reporting())
def test_nobody_assesses_their_own_line(lines: dict[str, str | None]) -> None:
    """Whoever may assess an application is related to the applicant in no way, and everybody else may."""
    candidacies = [Candidacy(f"a-{mentor}", mentor, "north") for mentor in MENTORS]
    assessors = [Assessor(one, everywhere=True) for one in ASSESSORS]

    allowed = independent(candidacies, assessors, Lines(lines))

    for mentor, assessor in product(MENTORS, ASSESSORS):
        assert (assessor in allowed[f"a-{mentor}"]) == (not related(lines, mentor, assessor))


@given(lines=reporting())
def test_sheets_within_a_line_are_found(lines: dict[str, str | None]) -> None:
    """Those, and none else, whose assessor has come to be related to the applicant."""
    assigned = {f"{mentor} {assessor}": (mentor, assessor) for mentor, assessor in product(MENTORS, ASSESSORS)}

    assert dependent(assigned, Lines(lines)) == {id for id, pair in assigned.items() if related(lines, *pair)}


def test_assessors_stay_in_their_companies_and_barred_ones_out() -> None:
    """Who may assess one company's applications gets no other's; who declared a conflict gets no such application."""
    candidacies = [Candidacy("a", "m1", "north"), Candidacy("b", "m2", "south")]
    assessors = [Assessor("n", frozenset({"north"})), Assessor("e", everywhere=True), Assessor("f", everywhere=True)]

    allowed = independent(candidacies, assessors, Lines({}), {"a": frozenset({"f"})})

    assert allowed == {"a": frozenset({"n", "e"}), "b": frozenset({"e", "f"})}


@given(st.integers(1, 40), st.integers(2, 9), st.integers(1, 4), st.text(max_size=8))
def test_loads_differ_by_one_at_most_where_everybody_may(
    applications: int, assessors: int, each: int, seed: str
) -> None:
    """Each application gets its assessors, all distinct, and nobody has two more than another."""
    everybody = frozenset(f"s{number}" for number in range(assessors))
    chosen = assign({f"a{n}": everybody for n in range(applications)}, per_application=each, seed=seed)

    assert all(len(some) == min(each, assessors) for some in chosen.values())
    counted = loads(chosen)
    assert max(counted.values()) - min(counted.get(one, 0) for one in everybody) <= 1


@given(few_allowed(), st.integers(1, 3), st.text(max_size=4))
def test_loads_are_as_even_as_independence_allows(allowed: Allowed, each: int, seed: str) -> None:
    """No assignment at all has a smaller sum of squared loads, and each application gets as many as there are."""
    chosen = assign(allowed, per_application=each, seed=seed)

    ways = [[frozenset(w) for w in combinations(sorted(some), min(each, len(some)))] for some in allowed.values()]
    best = min(_squares(loads(dict(zip(allowed, way, strict=True)))) for way in product(*ways))
    assert all(chosen[one] <= some and len(chosen[one]) == min(each, len(some)) for one, some in allowed.items())
    assert _squares(loads(chosen)) == best


def test_load_is_passed_on_where_the_first_choice_was_a_bad_one() -> None:
    """Whoever is drawn for an application gives it away where somebody else can only take that one."""
    allowed = {"x": frozenset("ac"), "y": frozenset("ab"), "z": frozenset("ac")}

    for number in range(50):
        chosen = assign(allowed, per_application=1, seed=str(number))
        assert loads(chosen) == Counter("abc")


@given(few_allowed(), st.data(), st.text(max_size=4))
def test_who_has_a_sheet_keeps_it_and_gets_no_second(allowed: Allowed, data: st.DataObject, seed: str) -> None:
    """Sheets that exist count as load and as opinions; only what is lacking is assigned, to others."""
    held = {one: data.draw(st.frozensets(st.sampled_from("abcdef"), max_size=2)) for one in allowed}

    chosen = assign(allowed, per_application=2, seed=seed, held=held)

    for one, some in allowed.items():
        assert not chosen[one] & held[one]
        assert len(chosen[one]) == min(max(0, 2 - len(held[one])), len(some - held[one]))


@given(few_allowed(), st.integers(1, 3), st.randoms(use_true_random=False), st.text(max_size=4))
def test_order_decides_nothing(allowed: Allowed, each: int, shuffler: object, seed: str) -> None:
    """The same applications in another order get the same assessors."""
    ids = list(allowed)
    shuffler.shuffle(ids)  # type: ignore[attr-defined]

    again = assign({one: allowed[one] for one in ids}, per_application=each, seed=seed)

    assert again == assign(allowed, per_application=each, seed=seed)


def test_seed_decides_who_gets_what() -> None:
    """Another seed mixes assessors anew, and one seed does not always put the same ones together."""
    everybody = frozenset("abcdef")
    allowed = {f"a{number}": everybody for number in range(60)}
    first, second = (assign(allowed, per_application=3, seed=seed) for seed in ("one", "two"))

    assert first != second
    assert len(set(first.values())) > 10


def _squares(counted: Counter[str]) -> int:
    return sum(number**2 for number in counted.values())
