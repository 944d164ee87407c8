"""What all pages of the matching show: the edition, a run of it with its number, names, companies, points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.portal.clients.answers import Refusal
from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.clients.matching import Matching
from services.portal.clients.matching_records import Override, ProposedPair, Report, Run
from services.portal.http.navigation import STAFF
from services.portal.http.page import SignedPage
from services.portal.http.selection_board import companies_of, names_of
from services.portal.pages import matching_words as words
from services.portal.pages.refusals import told

Content = dict[str, Any]
Errors = dict[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """Names of people and companies, as far as one may know them."""

    names: Mapping[str, str]
    companies: Mapping[str, str]
    unknown: str

    def name(self, id: str | None) -> str:
        """What somebody is called."""
        return self.names.get(id or "", self.unknown)

    def company(self, id: str) -> str:
        """What a company is called; empty for one that one may not know."""
        return self.companies.get(id, "")


def matching(page: SignedPage) -> Matching:
    """The matching, for those who run programmes; to all others its pages are not there. Raises ``Refusal`` 404."""
    if not page.has(*STAFF):
        raise Refusal(404, "not-found", "")
    return Matching(page.matching)


async def edition_of(page: SignedPage, id: str) -> Edition:
    """The edition. Raises ``Refusal``."""
    matching(page)
    return (await Editions(page.applications).show(id)).value


async def known(page: SignedPage, ids: Iterable[str | None]) -> Known:
    """The names of these people, and of all companies."""
    return Known(await names_of(page, ids), await companies_of(page), page.text("Somebody you do not see"))


async def shown_run(page: SignedPage, id: str, run: str) -> Content:
    """What every page of one run shows. Raises ``Refusal`` 404 where it is a run of another edition."""
    seen = await matching(page).run(run)
    if seen.value.edition_id != id:
        raise Refusal(404, "not-found", "")
    edition, runs = await edition_of(page, id), await matching(page).runs(id)
    here = f"/editions/{id}/matching"
    return {
        "edition": edition,
        "one": seen.value,
        "version": seen.version,
        "runs": runs,
        "numbers": numbers(runs),
        "number": page.formats.number(numbers(runs).get(run, 0)),
        "here": here,
        "there": f"{here}/runs/{run}",
        "words": words,
    }


def in_days_to_object(runs: Iterable[Run], now: datetime) -> Run | None:
    """The run whose pairs their members see and may object to now; None where there is none."""
    return next((run for run in runs if run.shown_until and now < run.shown_until), None)


def numbers(runs: Iterable[Run]) -> dict[str, int]:
    """What proposals are called: the numbers that `matching` gave them, trials among them.

    Runs of releases that gave none are counted in their order.
    """
    return {run.run_id: run.number or place for place, run in enumerate(runs, 1)}


def people_of(pairs: Iterable[ProposedPair]) -> list[str]:
    """The members of these pairs."""
    return [id for pair in pairs for id in (pair.mentor_id, pair.mentee_id)]


def sentence(page: SignedPage, who: Known, code: str, mentor: str | None, executive: str | None) -> str:
    """What a rule says of two people."""
    names = {"mentor": who.name(mentor), "executive": who.name(executive)}
    return page.text(words.RULES[code], **names) if code in words.RULES else code


def laid_down(page: SignedPage, who: Known, one: Override) -> str:
    """What an override says, in a sentence."""
    names = {"mentor": who.name(one.mentor_id), "executive": who.name(one.mentee_id)}
    return page.text(words.said_of(one), places=page.formats.number(one.places or 0), **names)


def last_change(page: SignedPage, who: Known, one: Override) -> str:
    """What an undo takes back, and whose word it was: something laid down, or its withdrawal."""
    said = f"{laid_down(page, who, one)} ({who.name(one.changed_by)})"
    return said if one.stands else page.text("withdrawn: %(change)s", change=said)


async def contradicted(page: SignedPage, refusal: Refusal, field: str = "main") -> Errors:
    """What a refusal says is wrong; contradictions of overrides by name, one sentence each."""
    found, said = refusal.members.get("contradictions"), told(refusal, page.language)
    if refusal.kind == "edition-over":
        return {field: page.text("The edition is closed or over: nobody is matched in it any more.")}
    if refusal.kind == "policy-allows-nothing":
        barred = "; ".join(barred_by(page, refusal.members.get("barred") or {}))
        why = page.text("Pairs are forbidden by: %(rules)s.", rules=barred) if barred else ""
        return {field: f"{said} {why}".strip()}
    if refusal.kind != "overrides-contradict" or not isinstance(found, list):
        return {field: said}
    ids = [one.get(side) for one in found for side in ("mentor_id", "mentee_id")]
    who = await known(page, ids)
    lines = [sentence(page, who, one.get("code", ""), one.get("mentor_id"), one.get("mentee_id")) for one in found]
    return {field: " ".join(lines)}


def barred_by(page: SignedPage, counts: Mapping[str, int]) -> list[str]:
    """Why pairs are forbidden, with how many, the most frequent reason first."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    number = page.formats.number
    return [f"{page.text(words.BARRED.get(code, code))} ({number(count)})" for code, count in ordered]


def rows(page: SignedPage, one: Report, pairs: Iterable[ProposedPair], who: Known) -> list[Row]:
    """Pairs as lists show them."""
    weights = one.policy.weights if one.policy else {}
    return [_row(page, pair, weights, who) for pair in pairs]


@dataclass(frozen=True, slots=True)
class Share:
    """A criterion of a pair: its points, the most it can have, and both as per cent; what it says in a sentence."""

    name: str
    points: float
    most: int | None
    percent: float
    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """A pair with names and shares; ``conflict`` says why it could not be published."""

    pair: ProposedPair
    mentor: str
    mentor_company: str
    executive: str
    executive_company: str
    shares: tuple[Share, ...]
    conflict: str = ""


def _row(page: SignedPage, pair: ProposedPair, weights: Mapping[str, int], who: Known) -> Row:
    shares = [_share(page, one.name, one.points, weights.get(one.name)) for one in pair.criteria]
    return Row(
        pair,
        mentor=who.name(pair.mentor_id),
        mentor_company=who.company(pair.mentor_subsidiary),
        executive=who.name(pair.mentee_id),
        executive_company=who.company(pair.mentee_subsidiary),
        shares=tuple(one for one in shares if one.most != 0),
        conflict=sentence(page, who, pair.conflict.reason, pair.mentor_id, pair.mentee_id) if pair.conflict else "",
    )


def _share(page: SignedPage, name: str, points: float, most: int | None) -> Share:
    share = points / most if most else 0.0
    said = words.why(name, share) if most else ""
    label = page.text(words.CRITERIA.get(name, name))
    return Share(label, points, most, round(100 * share, 1), page.text(said) if said else "")
