"""Promises of roles, profiles and lists on a real broker and database: granted, declared, found, and on record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.ids import derived_id
from services.people.http.views import MeView, PersonView
from tests.support.peopling import Peopled, peopled
from tests.support.servers import Running

WHY = "Stands in during the selection."


@pytest.fixture(scope="module")
async def people(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Peopled]:
    async with peopled(servers, tmp_path_factory.mktemp("people")) as running:
        yield running


@pytest.fixture
def tag() -> str:
    """Begins every employee number of a test."""
    return uuid4().hex[:8]


async def test_role_is_granted_revoked_and_stays_revoked(people: Peopled, tag: str) -> None:
    """By an officer, with a reason that stays with the person; the next roster does not bring it back."""
    id = await people.person(f"{tag}-1", roles="auditor")
    path = f"/v1/people/{id}"
    company = (await people.ask("GET", path)).json()["subsidiary"]

    body = {"role": "assessor", "subsidiaries": [company], "reason": WHY}
    granted = await people.ask("POST", f"{path}/roles", body, seen=path)
    revoked = await people.ask("POST", f"{path}/roles/auditor/revocation", {"reason": WHY}, seen=path)
    await people.person(f"{tag}-1", roles="auditor")
    after = PersonView.model_validate((await people.ask("GET", path)).json())

    assert (granted.status_code, revoked.status_code) == (200, 200), granted.text + revoked.text
    assert [(role.role, role.subsidiaries) for role in after.roles] == [("assessor", (company,))]
    assert {(one.role, one.standing, one.reason, one.decided_by) for one in after.holdings} == {
        ("auditor", "revoked", WHY, "officer"),
        ("assessor", "held", WHY, "officer"),
    }


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"role": "assessor", "subsidiaries": [str(uuid4())], "reason": WHY}, 422, "invalid"),
        ({"role": "emperor", "reason": WHY}, 422, "invalid"),
        ({"role": "assessor", "reason": "short"}, 422, "invalid"),
    ],
)
async def test_grant_that_makes_no_sense_is_refused(
    people: Peopled, tag: str, body: dict[str, Any], status: int, kind: str
) -> None:
    """No such company, no such role, no reason worth the name: nothing changes."""
    path = f"/v1/people/{await people.person(f'{tag}-1')}"

    answer = await people.ask("POST", f"{path}/roles", body, seen=path)

    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, kind)
    assert (await people.ask("GET", path)).json()["holdings"] == []


async def test_nobody_gives_a_role_to_themselves(people: Peopled, tag: str) -> None:
    """Whatever roles they hold."""
    id = await people.person(f"{tag}-1", roles="group_office")
    path = f"/v1/people/{id}"

    answer = await people.ask("POST", f"{path}/roles", {"role": "auditor", "reason": WHY}, actor=id, seen=path)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tandem:problem:own-role")


async def test_person_declares_a_profile_that_no_roster_overwrites(people: Peopled, tag: str) -> None:
    """What is left out stays; platforms come out of the catalogue; a stale page is a conflict."""
    id = await people.person(f"{tag}-1", skills="LinkedIn:2", place="Kiel")
    said = {
        "skills": [{"platform": "tiktok", "level": 4}],
        "languages": {"de": "C2", "en": "B1"},
        "availability": ["tue_am"],
        "remote": True,
        "capacity": 0,
    }

    answer = await people.ask("PATCH", "/v1/me/profile", said, actor=id, seen="/v1/me")
    await people.person(f"{tag}-1", skills="LinkedIn:3", place="Bonn", capacity="2", languages="fr")
    me = MeView.model_validate((await people.ask("GET", "/v1/me", actor=id)).json())

    assert answer.status_code == 200, answer.text
    assert [(one.platform, one.level) for one in me.profile.skills] == [("tiktok", 4)]
    assert (me.profile.place, me.profile.capacity, me.profile.spoken) == ("Bonn", 0, ("de",))
    assert me.profile.languages == {"de": "C2", "en": "B1"}
    stale = await people.http.patch(
        "/v1/me/profile", json={"capacity": 1}, headers={"Tandem-Actor": id, "If-Match": '"1"'}
    )
    unknown = await people.ask("PATCH", "/v1/me/profile", {"wishes": [{"platform": "telegraph", "priority": 1}]},
                               actor=id, seen="/v1/me")  # fmt: skip
    assert (stale.status_code, unknown.status_code) == (412, 422)
    assert unknown.json()["errors"][0]["field"] == "/wishes/0/platform"


async def test_person_chooses_language_and_hours(people: Peopled, tag: str) -> None:
    """Each alone, and hours can be taken back."""
    id = await people.person(f"{tag}-1", language="en")
    hours = {"start": "08:00", "end": "17:30"}

    for body in ({"language": "de"}, {"sending_hours": hours}):
        answer = await people.ask("PATCH", "/v1/me/preferences", body, actor=id, seen="/v1/me")
        assert answer.status_code == 200, answer.text
    await people.person(f"{tag}-1", language="en")

    me = (await people.ask("GET", "/v1/me", actor=id)).json()
    assert (me["language"], me["sending_hours"]) == ("de", hours)
    back = await people.ask("PATCH", "/v1/me/preferences", {"sending_hours": None}, actor=id, seen="/v1/me")
    assert (back.json()["sending_hours"], back.json()["language"]) == (None, "de")
    for bad in ({"start": "18:00", "end": "08:00"}, {"start": "8", "end": "9"}, {"start": 3600, "end": 7200}):
        answer = await people.ask("PATCH", "/v1/me/preferences", {"sending_hours": bad}, actor=id, seen="/v1/me")
        assert answer.status_code == 422, bad


async def test_whoever_is_no_person_has_no_profile(people: Peopled) -> None:
    """A service account, or somebody erased, gets 404."""
    assert (await people.ask("GET", "/v1/me", actor=str(uuid4()))).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=mül", "1"), ("q=MUL", "1"), ("q=jürgen+mul", "1"), ("q=jurgen", "1"), ("q=elka", "2"), ("q=çelik", "2"),
        ("q=seyma", "2"), ("q=lüd", "1"), ("q=üller", ""), ("q=.*", ""), ("q=%5C", ""), ("role=auditor", "2"),
        ("active=false", "3"), ("active=true", "12"), ("q=o%27", "3"), ("q=mull", "1"),
    ],
)  # fmt: skip
async def test_people_are_found_by_what_is_known_of_them(people: Peopled, tag: str, query: str, found: str) -> None:
    """By beginnings of names whatever the accents, by role, by being here; characters of patterns are letters."""
    company = f"Search {tag}"
    id = await people.person(f"{tag}-1", name="Jürgen Müller-Lüdenscheid", subsidiary=company)
    await people.person(f"{tag}-2", name="Şeyma Çelik Elkan", subsidiary=company, roles="auditor")
    gone = {"name": "Sinéad O'Brien", "subsidiary": company, "roles": "auditor"}
    await people.person(f"{tag}-3", **gone)
    await people.person(f"{tag}-3", leavers=1, **gone, active="false")
    where = (await people.ask("GET", f"/v1/people/{id}")).json()["subsidiary"]

    listed = (await people.ask("GET", f"/v1/people?subsidiary={where}&{query}")).json()

    assert sorted(one["employee_number"] for one in listed) == [f"{tag}-{number}" for number in found]


async def test_people_and_names_are_found_by_their_ids(people: Peopled, tag: str) -> None:
    """Whoever does not exist is left out; more than a hundred at once are refused."""
    ids = [await people.person(f"{tag}-{number}") for number in range(2)]
    wanted = ",".join([*ids, str(uuid4())])

    listed = await people.ask("GET", f"/v1/people?ids={wanted}")
    named = await people.ask("GET", f"/v1/names?ids={wanted}")

    assert {one["id"] for one in listed.json()} == set(ids)
    assert {one["id"]: one["name"] for one in named.json()} == {
        id: f"Person {tag}-{number}" for number, id in enumerate(ids)
    }
    many = ",".join(str(uuid4()) for _ in range(101))
    assert (await people.ask("GET", f"/v1/names?ids={many}")).status_code == 422


async def test_reading_a_person_goes_on_record(people: Peopled, tag: str) -> None:
    """HR systems resolve ids to numbers; who did, and whom, is in the access log."""
    id = await people.person(f"{tag}-1")

    await people.ask("GET", f"/v1/people/{id}", actor=f"reader-{tag}")

    parts = [derived_id("access", "people", f"reader-{tag}", "2026-03-01", str(part)) for part in range(16)]
    logs = await people.database["access"].find({"_id": {"$in": parts}}).to_list(None)
    assert [log["state"]["read"] for log in logs] == [1]


async def test_catalogue_comes_in_the_language_asked_for(people: Peopled) -> None:
    """Platforms and roles, German and English; another catalogue is 404."""
    roles = (await people.ask("GET", "/v1/catalogues/roles?language=de")).json()

    assert [item["name"] for item in roles["items"] if item["code"] == "assessor"] == ["Gutachter:in"]
    assert {one["name"] for one in (await people.ask("GET", "/v1/catalogues")).json()} == {"platforms", "roles"}
    assert (await people.ask("GET", "/v1/catalogues/planets")).status_code == 404
