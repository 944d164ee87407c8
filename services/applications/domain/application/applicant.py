"""Who applies: where a person stands in an edition, and the rules of its call counted for them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.applications.domain import eligibility
from services.applications.domain.application.events import Event, Recounted
from services.applications.domain.application.refusals import NotInScope, ProfileMissing, UnknownPerson
from services.applications.domain.application.state import WATCHED, Application, Standing
from services.applications.domain.edition import Edition
from services.applications.domain.eligibility import PersonFacts, RuleChecked


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known of a person; without ``facts`` the profile has not arrived, and rules cannot be counted."""

    person_id: str
    subsidiary: str
    active: bool
    executive: bool
    facts: PersonFacts | None


@dataclass(frozen=True, slots=True)
class At:
    """Where and when an applicant acts; ``application_id`` is the one that the person has in this edition."""

    application_id: str
    edition: Edition
    applicant: Applicant | None
    at: datetime


def standing_of(edition: Edition, applicant: Applicant | None) -> Standing:
    """Whether somebody can be a mentor of an edition at all; who is known no more has left."""
    if applicant is None or not applicant.active:
        return "left"
    if applicant.subsidiary not in edition.subsidiaries:
        return "moved_out"
    return "executive" if applicant.executive else "in"


def rules_of(edition: Edition, applicant: Applicant | None) -> tuple[RuleChecked, ...]:
    """Each rule of the call, checked for this person; what is not known is unmet."""
    if edition.call is None:
        return ()
    facts = applicant.facts if applicant else None
    return eligibility.check(
        edition.call.rules,
        facts or PersonFacts(applicant.subsidiary if applicant else ""),
        edition.call.reference_date,
    )


def recount(state: Application, edition: Edition, applicant: Applicant | None, *, at: datetime) -> list[Event]:
    """What is learnt anew of the person, until the edition is closed; it decides nothing.

    Whoever left the edition's companies keeps the company that was theirs, so that those responsible still see it.
    """
    if state.status not in WATCHED or edition.stage == "closed":
        return []
    standing, rules = standing_of(edition, applicant), rules_of(edition, applicant)
    moved = applicant is not None and standing in {"in", "executive"}
    subsidiary = applicant.subsidiary if applicant and moved else state.subsidiary
    if (standing, rules, subsidiary) == (state.standing, state.rules, state.subsidiary):
        return []
    named = (state.application_id, state.edition_id, state.mentor_id, subsidiary)
    return [Recounted(*named, rules=rules, standing=standing, told=state.told, at=at)]


def must_be_known(applicant: Applicant | None) -> tuple[Applicant, PersonFacts]:
    """The person and what rules are counted from. Raises ``UnknownPerson``, ``ProfileMissing``."""
    if applicant is None:
        raise UnknownPerson("The directory does not know this person; HR's roster must name them first.")
    if applicant.facts is None:
        raise ProfileMissing("The person's profile has not arrived yet; try again in a moment.")
    return applicant, applicant.facts


def must_be_in_scope(edition: Edition, applicant: Applicant) -> None:
    """Let pass whoever can be a mentor of the edition. Raises ``NotInScope``."""
    standing = standing_of(edition, applicant)
    if standing != "in":
        raise NotInScope(_WHY_NOT[standing].format(subsidiary=applicant.subsidiary, edition=edition.name))


_WHY_NOT: dict[Standing, str] = {
    "left": "Only people who work in the group can be mentors; this person has left.",
    "moved_out": "The subsidiary {subsidiary} does not take part in {edition}.",
    "executive": "Executives take part as mentees; they cannot be mentors.",
}


def must_stand(state: Application, edition: Edition) -> None:
    """Let pass an applicant who still can be a mentor. Raises ``NotInScope``."""
    if state.standing != "in":
        raise NotInScope(_WHY_NOT[state.standing].format(subsidiary="of this person", edition=edition.name))
