"""Promises of instances in files: read exactly, answered in their own units, or refused with what to mend."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.assignment import certificate, solve
from services.matching.files import Read, Unreadable, documents, fields, read_instance
from services.matching.verification import verify
from tests.support.matching_brute_force import Small, every_matching, judged

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "matching"
Document = dict[str, Any]


def matrix(**fields: Any) -> Document:
    """Two executives and three mentors; only what differs is named."""
    given: Document = {"rows": 2, "columns": 3, "objective": "maximise scores", "scores": [[1, None, 3], [4, 5, 6]]}
    return given | {"capacity": {"rows": 1, "columns": [1, 1, 2]}} | fields


def edges(**fields: Any) -> Document:
    """The same as edges."""
    given = matrix() | {"edges": [[1, 2, 6], [0, 0, 1], [1, 0, 4], [0, 2, 3], [1, 1, 5]]}
    del given["scores"]
    return given | fields


def read(given: Document) -> Read:
    return read_instance(json.dumps(given))


def table(found: Read) -> list[list[int | None]]:
    """The scores of an instance as a table."""
    instance = found.instance
    scores: list[list[int | None]] = [[None] * len(instance.capacities) for _ in range(instance.rows)]
    for row in range(instance.rows):
        for place in range(int(instance.pointers[row]), int(instance.pointers[row + 1])):
            scores[row][int(instance.columns[place])] = int(instance.scores[place])
    return scores


@pytest.mark.parametrize("given", [matrix(), edges(), edges(edges=[*edges()["edges"], [0, 1, None]])])
def test_matrix_and_edges_are_the_same_instance(given: Document) -> None:
    """In whichever form and order the pairs are listed, they are the same pairs."""
    found = read(given)
    assert table(found) == [[1, None, 3], [4, 5, 6]]
    assert found.instance.capacities.tolist() == [1, 1, 2]
    assert (found.objective, found.scale, found.names, found.remarks) == ("maximise scores", 1, None, ())


def test_costs_are_negated_and_told_as_costs() -> None:
    """Smaller costs are better, and the answer is in costs again."""
    given = matrix(objective="minimise costs")
    given["costs"] = given.pop("scores")
    found = read(given)
    assert found.objective == "minimise costs"
    assert table(found) == [[-1, None, -3], [-4, -5, -6]]
    assert found.value(-9) == "9"


def test_forbidden_pairs_are_left_out() -> None:
    """A pair may be forbidden by null, by a list, or by both."""
    found = read(matrix(forbidden_pairs=[[0, 1], [1, 2]]))
    assert table(found) == [[1, None, 3], [4, 5, None]]
    assert table(read(edges(forbidden_pairs="all that are not listed"))) == [[1, None, 3], [4, 5, 6]]


def test_decimals_become_whole_numbers_of_one_unit() -> None:
    """No value is rounded: the unit is the smallest that any value needs, and sums are told without a float."""
    found = read_instance(json.dumps(matrix()).replace("[1, null, 3]", "[0.10, null, 3e-3]").replace("6]", "6.5e0]"))
    assert found.scale == 1000
    assert table(found) == [[100, None, 3], [4000, 5000, 6500]]
    assert [found.value(score) for score in (3, 6500, -100, 12_000, 0)] == ["0.003", "6.5", "-0.1", "12", "0"]


def test_zeros_behind_the_point_need_no_smaller_unit() -> None:
    """1.0 is 1, wherever it stands."""
    found = read_instance(json.dumps(matrix()).replace("[1, null, 3]", "[1.0, null, 30e-1]"))
    assert found.scale == 1
    assert table(found) == [[1, None, 3], [4, 5, 6]]


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=7), min_size=1, max_size=6), st.booleans())
def test_every_decimal_is_read_and_told_exactly(values: list[Decimal], minimises: bool) -> None:
    """Reading and telling is the identity on numbers, and sums are those of the numbers in the file."""
    field, objective = ("costs", "minimise costs") if minimises else ("scores", "maximise scores")
    listed = ",".join(str(value) for value in values)
    given = f'{{"rows": 1, "columns": {len(values)}, "objective": "{objective}", "{field}": [[{listed}]]}}'
    found = read_instance(given)
    told = [Fraction(found.value(score)) for score in found.instance.scores.tolist()]
    assert told == [Fraction(value) for value in values]
    assert Fraction(found.value(sum(found.instance.scores.tolist()))) == sum(map(Fraction, values))


def test_integers_of_any_size_are_kept() -> None:
    """Beyond 64 bits nothing is lost."""
    found = read(matrix(scores=[[2**70, None, -(2**63)], [0, 1, 10**40]]))
    assert table(found) == [[2**70, None, -(2**63)], [0, 1, 10**40]]
    assert found.value(2**70 + 1) == str(2**70 + 1)


def test_names_and_classes_are_read() -> None:
    """Names belong to the certificate; a side without names is numbered."""
    found = read(matrix(row_names=["Ada", "Bo"], row_classes=[2, 1]))
    assert found.names is not None
    assert found.names.rows == ("Ada", "Bo")
    assert found.names.columns == ("0", "1", "2")
    assert found.instance.classes == (2, 1)


@pytest.mark.parametrize("given", [{"rows": 0, "columns": 3}, {"rows": 2, "columns": 0}, {"rows": 0, "columns": 0}])
def test_empty_sides_are_instances(given: Document) -> None:
    """Nobody to cover, or nobody to cover them, is no mistake."""
    found = read(given | {"objective": "maximise scores", "scores": [[]] * given["rows"]})
    assert found.instance.rows == given["rows"]
    assert solve(found.instance).coverage == 0


def test_what_is_not_heeded_is_said() -> None:
    """A wish that this kind of matching cannot fulfil is not passed over in silence."""
    (remark,) = read(matrix(column_minimum=[0, 1, 0])).remarks
    assert remark.startswith("column_minimum")
    assert read(matrix(column_minimum=2)).remarks == (remark,)
    assert read(matrix(column_minimum=[0, 0, 0])).remarks == ()


UNREADABLE: dict[str, tuple[str, str, str]] = {
    "no JSON": ("{", "", "not JSON"),
    "no object": ("[1]", "", "not a list of 1"),
    "not a number": (json.dumps(matrix(scores=[[math.nan, 1, 1], [1, 1, 1]])), "", "NaN is no number"),
    "infinity": (json.dumps(matrix(scores=[[-math.inf, 1, 1], [1, 1, 1]])), "", "-Infinity is no number"),
    "a field twice": ('{"rows": 2, "rows": 3}', "rows", "stands twice"),
    "a number beyond all use": ('{"rows": 1e99999999999999999999}', "", "beyond all use"),
    "a number without end": (f'{{"rows": {"9" * 5000}}}', "", "too long"),
    **{
        f"a score of {number}": (
            f'{{"rows": 1, "columns": 2, "objective": "maximise scores", "scores": [[1, {number}]]}}',
            "scores[0][1]",
            "at most 300 digits",
        )
        for number in ("1e999999999", "-1e1000000", "1e-999999999", "-1e-1000000")
    },
    "a fraction without end": (f'{{"rows": 0.{"9" * 5000}}}', "", "0.999999999999999999... of 5,002 characters is too"),
    "nested without end": ("[" * 100_000, "", "nested too deeply"),
    "a field twice that moves the cursor": (
        '{"\\u001b[2J\\u202e": 1, "\\u001b[2J\\u202e": 2}',
        r"\u001b[2J\u202e",
        "twice",
    ),
    "a whole number of which no sum could be written": (
        f'{{"rows": 1, "columns": 2, "objective": "maximise scores", "scores": [[1, {"9" * 4300}]]}}',
        "scores[0][1]",
        "at most 2,000 digits",
    ),
}
for _name, _field, _said, _fields in (
    ("no rows", "rows", "is null", {"rows": None}),
    ("rows in halves", "rows", "is 2.0", {"rows": 2.0}),
    ("rows that are true", "rows", "is true", {"rows": True}),
    ("too many rows", "rows", "give a whole number from 0 to 1,000,000", {"rows": 1_000_001}),
    ("negative columns", "columns", "is -3", {"columns": -3}),
    ("a row too few", "scores", "This has 1 entries; there are 2 rows", {"scores": [[1, 2, 3]]}),
    ("a column too few", "scores[1]", "This has 2 entries; there are 3 columns", {"scores": [[1, 2, 3], [1, 2]]}),
    ("a matrix that is a text", "scores", 'is "much"', {"scores": "much"}),
    ("a row that is a number", "scores[0]", "is 7", {"scores": [7, [1, 2, 3]]}),
    ("a score that is a text", "scores[1][0]", 'is "4"', {"scores": [[1, None, 3], ["4", 5, 6]]}),
    ("a score of too many digits", "scores[1][2]", "at most 300 digits", {"scores": [[1, None, 3], [4, 5, 1e-301]]}),
    ("a whole number of a digit too many", "scores[0][0]", "at most 2,000", {"scores": [[10**2000, 1, 1], [1, 1, 1]]}),
    ("a score that is true", "scores[1][1]", "is true", {"scores": [[1, None, 3], [4, True, 6]]}),
    ("no objective", "objective", 'is "best"', {"objective": "best"}),
    ("the other objective", "objective", "must stand in 'costs'", {"objective": "minimise costs"}),
    ("costs beside scores", "", "has scores and costs; give one of", {"costs": [[1, 2, 3], [1, 2, 3]]}),
    ("rows that take two", "capacity.rows", "is 2; a row takes one column", {"capacity": {"rows": 2}}),
    ("a row that takes two", "row_demand[1]", "is 2; a row takes one column", {"row_demand": [1, 2]}),
    ("a demand for nobody", "row_demand", "is 0; a row takes one column", {"row_demand": 0}),
    ("a capacity that is a number", "capacity", "is 0; write", {"capacity": 0}),
    ("a capacity that is a text", "capacity", 'is "one"', {"capacity": "one"}),
    ("a negative capacity", "capacity.columns[2]", "is -1", {"capacity": {"columns": [1, 1, -1]}}),
    ("a capacity too few", "capacity.columns", "has 2 entries; there are 3 columns", {"capacity": {"columns": [1, 1]}}),
    ("a capacity without", "capacity.columns", "is null", {"capacity": {"columns": None}}),
    ("a class below 1", "row_classes[0]", "is 0", {"row_classes": [0, 1]}),
    ("a name twice", "column_names[2]", 'name "x" stands twice', {"column_names": ["x", "y", "x"]}),
    ("half a character", "row_names[1]", r'"\ud800" has half a character', {"row_names": ["Ada", "\ud800"]}),
    (
        "a name that the certificate needs",
        "column_names[2]",
        '"x (forced)" stands in the certificate',
        {"column_names": ["x", "y", "x (forced)"], "forced_pairs": [[0, 0]]},
    ),
    ("no name", "row_names[1]", 'is ""', {"row_names": ["Ada", ""]}),
    ("a forbidden column that is not there", "forbidden_pairs[0][1]", "is 3", {"forbidden_pairs": [[0, 3]]}),
    ("half a pair", "forbidden_pairs[1]", "is a list of 1", {"forbidden_pairs": [[0, 0], [1]]}),
    ("forbidden pairs that are a number", "forbidden_pairs", "is 5", {"forbidden_pairs": 5}),
    ("a forced pair that is not allowed", "forced_pairs[0]", "are no allowed pair", {"forced_pairs": [[0, 1]]}),
    ("a row forced twice", "forced_pairs[1]", "is forced to column 0 already", {"forced_pairs": [[0, 0], [0, 2]]}),
    ("more forced than places", "forced_pairs[1]", "takes 1 rows", {"forced_pairs": [[0, 0], [1, 0]]}),
):
    UNREADABLE[_name] = (json.dumps(matrix(**_fields)), _field, _said)
for _name, _field, _said, _fields in (
    ("edges that are a text", "edges", 'is "none"', {"edges": "none"}),
    ("half an edge", "edges[0]", "is a list of 2", {"edges": [[0, 1]]}),
    ("an edge of a row that is not there", "edges[1][0]", "is 2", {"edges": [[0, 1, 5], [2, 1, 5]]}),
    ("an edge of a column in halves", "edges[0][1]", "is 1.0", {"edges": [[0, 1.0, 5]]}),
    ("an edge twice", "edges[2]", "the pair of edges[0]", {"edges": [[0, 1, 5], [1, 1, 5], [0, 1, 4]]}),
    ("an edge of a text", "edges[1][2]", 'is "5"', {"edges": [[0, 1, 5], [1, 1, "5"]]}),
    ("edges of unknown sign", "objective", "is null", {"objective": None}),
):
    UNREADABLE[_name] = (json.dumps(edges(**_fields)), _field, _said)


@pytest.mark.parametrize(("text", "field", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_unusable_file_is_refused_with_the_field_and_what_to_do(text: str, field: str, said: str) -> None:
    """Whoever wrote the file is told where it is wrong, and how it would be right."""
    with pytest.raises(Unreadable) as refused:
        read_instance(text)
    assert refused.value.field == field
    assert said in refused.value.reason
    assert refused.value.reason.endswith(".")


def test_file_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    """Neither a missing file, nor a folder, nor another encoding ends in a traceback."""
    (tmp_path / "latin").write_bytes(b'{"rows": "\xe4"}')
    for name, said in (("nowhere", "No such file"), (".", "Is a directory"), ("latin", "not UTF-8 at byte 10")):
        with pytest.raises(Unreadable, match=said):
            read_instance(tmp_path / name)


def test_file_beyond_all_use_is_not_even_opened(tmp_path: Path) -> None:
    """A file that would fill the memory is refused by its size."""
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(documents.BYTES + 1)
    with pytest.raises(Unreadable, match="are read; list allowed pairs only, as edges"):
        read_instance(huge)


def test_file_without_end_is_read_no_further_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device has no size, and would fill the memory if it were believed."""
    monkeypatch.setattr(documents, "BYTES", 2**20)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("this would never end"))
    with pytest.raises(Unreadable, match="/dev/zero has more than 1,048,576 bytes"):
        read_instance(Path("/dev/zero"))


@pytest.mark.timeout(20)
def test_field_that_stands_twice_among_many_is_found_at_once() -> None:
    """Each name is looked at once, not beside all others."""
    names = ",".join(f'"a{number}": 0' for number in range(200_000))
    with pytest.raises(Unreadable, match=r"^a199999: "):
        read_instance(f'{{{names}, "a199999": 1}}')


@pytest.mark.timeout(20)
def test_numbers_that_were_made_to_collide_take_no_longer() -> None:
    """Multiples of 2**61 - 1 have one hash; whoever puts them into a set compares each with all."""
    many = 60_000
    values = ",".join(str((2**61 - 1) * number) for number in range(many))
    found = read_instance(f'{{"rows": 1, "columns": {many + 1}, "scores": [[0.5, {values}]]}}')
    assert found.scale == 10
    assert found.instance.scores[-1] == 10 * (2**61 - 1) * (many - 1)


@pytest.mark.parametrize(("rows", "most"), [(101, 100), (999, 5)])
def test_more_classes_than_can_be_proven_are_refused(rows: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof has a part for each class, which may name every row."""
    if most < fields.CLASSES:
        monkeypatch.setattr(fields, "CLASSED", 25_000)
    classes = [number % (most + 1) + 1 for number in range(rows)]
    with pytest.raises(Unreadable, match=f"row_classes: There are {most + 1} classes; use {most} at most"):
        read({"rows": rows, "columns": 1, "edges": [], "row_classes": classes})


def test_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """Some editors write it."""
    file = tmp_path / "marked.json"
    file.write_text(json.dumps(matrix()), "utf-8-sig")
    assert table(read_instance(file)) == [[1, None, 3], [4, 5, 6]]


json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 4) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = ("rows", "columns", "scores", "costs", "edges", "capacity", "forbidden_pairs", "forced_pairs", "objective")


@given(st.sampled_from([matrix, edges]), st.dictionaries(st.sampled_from((*FIELDS, "row_names")), json_like))
def test_garbage_is_read_or_refused_but_never_more(kind: Any, fields: Document) -> None:
    """Whatever stands in the fields, the answer is an instance or a sentence."""
    with suppress(Unreadable):
        read(kind(**fields))


@st.composite
def with_forced_pairs(draw: st.DrawFn) -> Document:
    """Small instances in which some allowed pairs are forced, as far as places allow."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    score = st.none() | st.integers(-3, 3)
    scores = draw(st.lists(st.lists(score, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    capacities = draw(st.lists(st.integers(0, 2), min_size=columns, max_size=columns))
    left, pairs = list(capacities), []
    for row in draw(st.lists(st.integers(0, rows - 1), unique=True, max_size=3)):
        column = draw(st.integers(0, columns - 1))
        if scores[row][column] is not None and left[column]:
            left[column] -= 1
            pairs.append([row, column])
    given = {"rows": rows, "columns": columns, "scores": scores, "capacity": {"columns": capacities}}
    return given | {"forced_pairs": pairs}


@given(with_forced_pairs())
def test_forced_pairs_stand_in_the_best_answer(given: Document) -> None:
    """The answer is the best of all matchings that have the forced pairs, as looking at every one shows; and proven."""
    found = read(given)
    solution = solve(found.instance)
    partner = [None if column < 0 else found.origin[column] for column in solution.partner.tolist()]
    small = Small(given["scores"], given["capacity"]["columns"])
    fitting = [
        judged(small, one)
        for one in every_matching(small)
        if all(one[row] == column for row, column in given["forced_pairs"])
    ]
    best = max(fitting, key=lambda one: (one.coverage, 0 if one.worst is None else one.worst, one.total))
    assert judged(small, tuple(partner)) in fitting
    assert (solution.coverage, solution.worst, solution.total) == (best.coverage, best.worst, best.total)
    assert verify(certificate(found.instance, solution)).faults == ()


def published() -> Iterator[Any]:
    if not CASES.is_dir():
        yield pytest.param(None, id="none", marks=pytest.mark.skip(reason="../shared/cases/matching is not here"))
    for path in sorted(CASES.glob("*/*.json")):
        yield pytest.param(path, id=path.stem)


@pytest.mark.parametrize("path", list(published()))
def test_published_instance_is_read_and_gets_its_right_answer(path: Path) -> None:
    """Every published instance of our form has its verified values; rows that want several columns are refused."""
    given = json.loads(path.read_text(encoding="utf-8"))
    if any(demand != 1 for demand in given.get("row_demand", ())):
        with pytest.raises(Unreadable, match="a row takes one column"):
            read_instance(path)
        return
    found, expected = read_instance(path), given["expected"]
    solution = solve(found.instance)
    worst = None if solution.worst is None else json.loads(found.value(solution.worst))
    assert (solution.coverage, worst) == (expected["coverage"], expected["worst"])
    assert json.loads(found.value(solution.total)) == expected["total"]
    assert verify(certificate(found.instance, solution)).faults == ()
    assert np.isin(solution.partner, [-1, *range(given["columns"])]).all()
