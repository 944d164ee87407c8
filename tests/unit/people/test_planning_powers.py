"""Promises of a plan about powers: a file gives nobody more than whoever sends it could give by hand."""

from __future__ import annotations

from dataclasses import replace

from services.people.domain.plan import Known, Plan, Scope
from services.people.domain.planning import plan
from services.people.domain.roles import Role, RoleName
from tests.support.hr_files import csv_of, person, plan_of, reading_of
from tests.support.known_people import known, left, reasons, rows_of, staff


def officers(**scope: object) -> Scope:
    """Where somebody may import everywhere and give roles in some companies."""
    return Scope({"north": "north", "south": "south"}, **scope)  # type: ignore[arg-type]


def decided(rows: list[dict[str, str]], people: list[Known], scope: Scope) -> Plan:
    return plan(reading_of(csv_of(*rows), known=people, whole=False), people, scope)


def test_roles_are_given_and_taken_by_whoever_may_do_so_there() -> None:
    """A feed's key gives nobody more than its owner could; what stands already may stand in the file."""
    auditor = Role(RoleName.AUDITOR, ("north",))
    has = known("n0", roles=(auditor,), held=(auditor,))
    north = officers(granting=frozenset({"north"}))

    def conflicts(row: dict[str, str], scope: Scope, people: list[Known]) -> int:
        return len(decided([row], people, scope).conflicts)

    assert conflicts(person("new", roles="auditor@North"), north, []) == 0
    assert conflicts(person("new", roles="auditor@South"), north, []) == 1
    assert conflicts(person("new", roles="auditor"), north, []) == 1
    assert conflicts(person("n0", roles="auditor@North"), officers(granting=frozenset()), [has]) == 0
    assert conflicts(person("n0", roles=""), officers(granting=frozenset()), [has]) == 1
    assert conflicts(person("n0", roles="assessor@North"), officers(granting=frozenset()), [has]) == 1
    assert conflicts(person("n0", roles="assessor"), officers(), [has]) == 0


def test_whoever_holds_a_role_beyond_the_callers_companies_is_not_made_to_leave_there() -> None:
    """Or the feed of one company could lock the group's office out; whole-group callers and own roles pass."""
    office, own = (
        known("n0", held=(Role(RoleName.GROUP_OFFICE),)),
        known("n1", held=(Role(RoleName.ASSESSOR, ("north",)),)),
    )
    rows, rest = [person("n0", active="no"), person("n1", active="no")], staff(30)[2:]

    said = plan_of(*rows, known=[office, own], within=frozenset({"north"}), whole=False)
    missing = plan_of(*rows_of(rest), known=[office, own, *rest], within=frozenset({"north"}))
    whole = plan_of(*rows, known=[office, own], whole=False)

    assert (left(said), left(missing), left(whole)) == (["n1"], ["n1"], ["n0", "n1"])
    assert [fault.key for fault in (*said.conflicts, *missing.conflicts)] == ["n0", "n0"]


def test_role_elsewhere_tells_nothing_of_the_companies_there_are() -> None:
    """A guessed company's name gets one answer, whether there is such a company or not."""
    north = officers(within=frozenset({"north"}), granting=frozenset({"north"}))
    there, nowhere = person("new", roles="auditor@South"), person("new", roles="auditor@Nowhere")

    told = [reasons(decided([row], [], north)) for row in (there, nowhere)]

    assert told[0] == told[1] != []


def test_nobody_gives_roles_to_themselves_by_a_file() -> None:
    """Not even who may give them to all others; losing one is fine, and so is what one has."""
    auditor = Role(RoleName.AUDITOR, ("north",))
    me = known("n0", roles=(auditor,), held=(auditor,))
    mine = officers(caller=me.person_id)

    assert reasons(decided([person("n0", roles="auditor@North;assessor")], [me], mine)) != []
    assert reasons(decided([person("n0", roles="")], [me], mine)) == []
    assert reasons(decided([person("n0", roles="auditor@North", last_name="New")], [me], mine)) == []


def test_login_of_an_officer_is_changed_by_whoever_may_give_the_role() -> None:
    """Or a feed's key could sign in as the group office."""
    office = known("n0", held=(Role(RoleName.GROUP_OFFICE),), login="idp:hers")
    row = person("n0", login="mine")

    assert reasons(decided([row], [office], officers(granting=frozenset()))) != []
    assert reasons(decided([row], [office], officers())) == []
    assert reasons(decided([row], [replace(office, held=())], officers(granting=frozenset()))) == []


def test_roles_of_somebody_who_left_come_back_by_whoever_may_give_them() -> None:
    """Or whoever imports people could bring an officer who left back, with a login of their own."""
    role = Role(RoleName.GROUP_OFFICE)
    left_ = known("n0", active=False, roles=(role,), login="idp:hers")
    plain, feed = known("n1", active=False, login="idp:his"), officers(granting=frozenset())
    back = person("n0", active="yes", roles="group_office", login="hers")

    assert reasons(decided([back], [left_], feed)) != []
    assert reasons(decided([person("n0", active="no", login="mine")], [left_], feed)) != []
    assert reasons(decided([back], [left_], officers())) == []
    assert reasons(decided([person("n0", active="yes", login="hers")], [left_], feed)) == []
    assert reasons(decided([person("n1", active="yes", roles="", login="new")], [plain], feed)) == []


def test_login_of_somebody_known_is_changed_by_whoever_may_link_logins_there() -> None:
    """Or a programme manager could sign in as any colleague; what stands already may stand in the file."""
    colleague, unlinked = known("n0", login="idp:hers"), known("n1")
    manager, feed = officers(linking=frozenset()), officers(linking=frozenset({"north"}))

    assert reasons(decided([person("n0", login="mine")], [colleague], manager)) != []
    assert reasons(decided([person("n1", login="mine")], [unlinked], manager)) != []
    assert reasons(decided([person("n0", login="hers", last_name="New")], [colleague], manager)) == []
    assert reasons(decided([person("new", login="mine")], [], manager)) == []
    assert reasons(decided([person("n0", login="mine")], [colleague], feed)) == []


def test_whoever_no_roster_feeds_is_taken_over_by_an_import_for_the_whole_group() -> None:
    """Or the first file of any company's manager could keep the officers from HR's own feed."""
    officer = known("n0", source="")
    row = person("n0", last_name="New")

    assert reasons(decided([row], [officer], officers(within=frozenset({"north"})))) != []
    assert reasons(decided([row], [officer], officers())) == []


def test_login_of_a_program_is_nobody_elses() -> None:
    """Whoever got it would lock the program out, for a login of two opens nothing."""
    rows = [person("new", login="feed"), person("n0", login="feed-2")]
    programs = officers(taken=frozenset({"idp:feed", "idp:feed-2"}))

    found = decided(rows, [known("n0")], programs)

    assert [fault.field for fault in found.conflicts] == ["login"] * 2
    assert (found.joiners, found.movers) == ((), ())
