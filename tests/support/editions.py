"""Editions for tests: one at any stage as the domain has it, and the bodies with which one is made over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from services.applications.domain.call import Call, CallText, CallWording, Form, Question
from services.applications.domain.edition import Edition, Escalation, Stage
from services.applications.domain.eligibility import AgeRule, LanguageRule
from services.applications.domain.rubric import Criterion, Rubric

CREATED = datetime(2026, 1, 5, 9, tzinfo=UTC)
OPENED = datetime(2026, 1, 12, 9, tzinfo=UTC)
CLOSES = datetime(2026, 2, 15, 12, tzinfo=UTC)
LEGAL_GROUND = "AGG §10: the aim is to bring the view of the youngest to the top."
WORDING = CallWording(
    languages=("de", "en"),
    texts={"de": CallText("Zeig es uns", "Bewirb dich."), "en": CallText("Show us", "Apply.")},
    rules=(AgeRule(28, LEGAL_GROUND), LanguageRule(("de", "en"))),
)
CALL = Call(date(2026, 3, 1), CLOSES, WORDING)
FORM = Form(1, (Question("why", {"de": "Warum?", "en": "Why?"}, 200),))
_LEVELS = ({"de": "kaum", "en": "hardly"}, {"de": "gut", "en": "well"}, {"de": "sehr gut", "en": "very well"})
RUBRIC = Rubric(
    (
        Criterion("explains", {"de": "Erklärt", "en": "Explains"}, 60, _LEVELS),
        Criterion("knows", {"de": "Kennt", "en": "Knows"}, 40, _LEVELS),
    )
)
PREPARED = Edition(
    "e-1",
    "Reverse 2026",
    date(2026, 3, 1),
    date(2027, 2, 28),
    ("s-1", "s-2"),
    Escalation("manager"),
    CREATED,
    "manager",
    call=CALL,
    forms=(FORM,),
    rubric=RUBRIC,
)


def edition(stage: Stage = "call_open", **changes: Any) -> Edition:
    """An edition at this stage, its call opened on 12 January 2026 where it is no draft."""
    call = CALL if stage == "draft" else replace(CALL, opened_at=OPENED)
    return replace(PREPARED, **{"stage": stage, "call": call, **changes})


def drafting(*subsidiaries: str, **changes: Any) -> dict[str, Any]:
    """The body that makes an edition of 2026 for these companies."""
    return {
        "name": "2026",
        "starts_on": "2026-03-01",
        "ends_on": "2027-02-28",
        "subsidiaries": list(subsidiaries),
        **changes,
    }


def calling(**changes: Any) -> dict[str, Any]:
    """The body of a call until 15 February 2026, noon in UTC: at most 28 years old, speaks German or English."""
    return {
        "reference_date": "2026-03-01",
        "closes_at": "2026-02-15T13:00:00+01:00",
        "languages": ["de", "en"],
        "texts": {
            "de": {"title": "Zeig es uns", "invitation": "Bewirb dich."},
            "en": {"title": "Show us", "invitation": "Apply."},
        },
        "rules": [
            {"kind": "age", "maximum": 28, "legal_ground": LEGAL_GROUND},
            {"kind": "language", "languages": ["de", "en"]},
        ],
        **changes,
    }


def asking() -> dict[str, Any]:
    """The body of a form with one question."""
    return {"questions": [{"question_id": "why", "text": {"de": "Warum?", "en": "Why?"}, "most_words": 200}]}


def scoring(**changes: Any) -> dict[str, Any]:
    """The body of a rubric: two criteria of 60 and 40 percent, on three levels."""
    levels = [dict(level) for level in _LEVELS]
    criteria = [
        {"criterion_id": "explains", "title": {"de": "Erklärt", "en": "Explains"}, "weight": 60, "levels": levels},
        {"criterion_id": "knows", "title": {"de": "Kennt", "en": "Knows"}, "weight": 40, "levels": levels},
    ]
    return {"criteria": criteria, **changes}
