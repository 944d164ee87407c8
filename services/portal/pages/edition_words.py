"""The words of editions: stages and what each changes, what stands in the way, executives' states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.portal.pages.refusals import N_

STAGES: Mapping[str, tuple[str, str]] = {
    "draft": ("open", N_("being prepared")),
    "call_open": ("part", N_("call open")),
    "selection": ("part", N_("selection")),
    "matching": ("part", N_("matching")),
    "running": ("part", N_("running")),
    "closed": ("done", N_("closed")),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step to a stage: its button, what stands from then on, and who sees or does what."""

    title: str
    button: str
    freezes: tuple[str, ...]
    sees: tuple[str, ...]


STEPS: Mapping[str, Step] = {
    "call_open": Step(
        N_("Open the call"),
        N_("Open the call"),
        (
            N_("The companies, the first and the last day, the rules and the deadline."),
            N_("Not yet: the texts of the call, the questions and the rubric, which stand when the selection begins."),
        ),
        (
            N_("Everybody in these companies sees the call and can apply."),
            N_("Every executive of these companies is obliged to take part, and is on the list of executives at once."),
            N_("You see applications once they are sent, and of drafts only how many there are."),
        ),
    ),
    "selection": Step(
        N_("Begin the selection"),
        N_("Begin the selection"),
        (
            N_("The texts of the call, the questions and the rubric."),
            N_("Applications: nobody sends or changes one any more, but for those whom you admit late."),
        ),
        (
            N_("Assessors see applications as soon as you open a round."),
            N_("Nobody sees a score until the round is closed: neither you nor the assessors."),
        ),
    ),
    "matching": Step(
        N_("Begin the matching"),
        N_("Begin the matching"),
        (N_("No round of assessment can be opened any more."),),
        (
            N_("Applicants know their outcome already; nothing is sent by this step."),
            N_("You propose who is paired with whom. Mentors and executives see nothing of it before you publish."),
        ),
    ),
    "running": Step(
        N_("Let the edition run"),
        N_("Let the edition run"),
        (N_("The matching is done; single pairs can still be made for executives without a mentor."),),
        (N_("Pairs and executives without a mentor stay on the list of executives until the edition is closed."),),
    ),
    "closed": Step(
        N_("Close the edition"),
        N_("Close the edition"),
        (
            N_("Nothing of this edition can be changed any more."),
            N_("The list of executives stays as it is; changes in the roster do not touch it any more."),
        ),
        (N_("No executive is obliged by this edition any more."),),
    ),
}
_FOR_LANGUAGES = N_("A text of the call is missing in a language")
# what stands in the way: words with the number that comes with it, and the page below the edition where it is settled
BLOCKERS: Mapping[str, tuple[str, str]] = {
    "call-missing": (N_("The call has no dates and texts yet"), "call"),
    "text-missing": (_FOR_LANGUAGES, "call"),
    "question-text-missing": (N_("A question is missing in a language of the call"), "form"),
    "rubric-missing": (N_("There is no rubric yet"), "rubric"),
    "rubric-text-missing": (N_("A criterion is missing in a language of the call"), "rubric"),
    "decision-before-deadline": (N_("The decision would be told before the call closes"), "dates"),
    "deadline-passed": (N_("The deadline of the call is over"), "call"),
    "deadline-after-end": (N_("The call would close after the end of the edition"), "call"),
    "scope-empty": (N_("The edition holds for no company"), "scope"),
    "call-still-open": (N_("The deadline of the call lies ahead"), "call"),
    "round-open": (N_("A round of assessment is not closed"), "selection"),
    "undecided": (N_("Applications without a decision: %(number)s"), "selection"),
    "unreleased": (N_("Decisions that are not released: %(number)s"), "selection"),
    "not-accepted": (
        N_("Selected mentors who have not accepted in time (give more time, or decide anew): %(number)s"),
        "selection",
    ),
    "executives-unaccounted": (
        N_("Executives who are neither paired nor escalated nor exempt: %(number)s"),
        "people?state=obliged",
    ),
}
WARNINGS: Mapping[str, tuple[str, str]] = {
    "places-short": (N_("Places at mentors that are missing for the executives: %(number)s"), "selection"),
    "waivers-waiting": (N_("Requests for a waiver that wait for your word: %(number)s"), "waivers"),
    "no-assessors": (N_("Nobody here has the role of an assessor yet"), ""),
    "escalation-unreachable": (N_("The person to whom executives are escalated does not work here"), "escalation"),
}
# the parts of the set-up, by their pages: what each is called, and what it holds
PARTS: Mapping[str, tuple[str, str]] = {
    "scope": (N_("Name and companies"), N_("Whose executives take part, and whose people may apply")),
    "dates": (N_("Dates and time zone"), N_("Start, end, decision, until when a place is accepted")),
    "call": (N_("The call"), N_("Deadline, reference date, languages and texts")),
    "rules": (N_("Who may apply"), N_("Rules that are counted on the reference date, such as age")),
    "form": (N_("Questions to applicants"), N_("Up to ten, each answered in a number of words")),
    "rubric": (N_("Rubric"), N_("Criteria, their weights, and what each level means in words")),
    "escalation": (N_("Executives without a mentor"), N_("Who hears of it, and after how many days")),
}
STATES: Mapping[str, tuple[str, str]] = {
    "obliged": ("due", N_("without a mentor")),
    "paired": ("done", N_("has a mentor")),
    "escalated": ("stop", N_("escalated")),
    "exempt": ("off", N_("exempt")),
    "left": ("off", N_("out of the edition")),
}
TO_DO: Mapping[str, str] = {
    "exempt": N_("Exempt for a reason"),
    "escalate": N_("Escalate"),
    "oblige": N_("Oblige again"),
}
EXEMPTIONS: Mapping[str, str] = {
    "absence": N_("Away for a long time"),
    "leaving": N_("Leaves the company"),
    "role_change": N_("Changes to another post"),
    "already_mentored": N_("Has a mentor already"),
    "other": N_("Another reason"),
}
CAUSES: Mapping[str, str] = {
    "left_group": N_("has left the group"),
    "moved_out": N_("works in a company outside this edition now"),
    "no_executive": N_("is no executive any more"),
}
ZONES = (
    *("Europe/Berlin", "Europe/London", "Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/Warsaw"),
    *("Europe/Istanbul", "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo"),
    *("Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "UTC"),
)
