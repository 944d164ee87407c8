"""What an applicant says, merged part by part, and how far it is complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from services.applications.domain.application.refusals import Incomplete, UnknownQuestion
from services.applications.domain.application.state import Application, Content, Offer
from services.applications.domain.call import Form

PartState = Literal["done", "part", "open"]
_WORD = 30  # characters that a word has at most, on average
Fault = tuple[str, str]
"""A JSON pointer, and what to do there."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a request says of the parts of an application; what is None is not said.

    ``offer`` has fields of ``Offer`` by name, ``answers`` all answers by question. ``waiver_reason`` asks for a waiver.
    """

    offer: Mapping[str, Any] | None = None
    answers: Mapping[str, str] | None = None
    manager_informed: bool | None = None
    waiver_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """How far each part is; ``hr`` comes from the personnel file and is done from the start."""

    platforms: PartState
    answers: PartState
    availability: PartState
    manager: PartState
    hr: PartState = "done"


def merged(before: Content, said: Said, form: Form | None) -> Content:
    """What the applicant says after a request; answers are to this form from then on. Raises ``UnknownQuestion``."""
    after = before
    if said.offer is not None:
        after = replace(after, offer=replace(before.offer or Offer(), **said.offer))
    if said.answers is not None:
        for question_id in said.answers:
            if form is None or form.question(question_id) is None:
                raise UnknownQuestion(question_id)
        answers = {id: text for id, text in said.answers.items() if text.strip()}
        after = replace(after, answers=answers, form_version=form.version if form else 0)
    if said.manager_informed is not None:
        after = replace(after, manager_informed=said.manager_informed)
    return after


def contradicts(state: Application, said: Said) -> bool:
    """Whether a request says something else than what stands there; what stands nowhere yet is no contradiction."""
    offer = state.offer or Offer()
    other_offer = any(getattr(offer, name) not in (value, _UNSAID[name]) for name, value in (said.offer or {}).items())
    answers = {id: text for id, text in (said.answers or {}).items() if text.strip()}
    other_answers = any(state.answers.get(id, text) != text for id, text in answers.items())
    return other_offer or other_answers or (state.manager_informed and said.manager_informed is False)


_UNSAID: Mapping[str, Any] = {name: getattr(Offer(), name) for name in Offer.__dataclass_fields__}


def adds(state: Application, said: Said, form: Form | None) -> bool:
    """Whether a request says anything that does not stand there yet."""
    before = state.content
    after = merged(before, said, form)
    return replace(after, form_version=before.form_version) != before


def parts(content: Content, form: Form | None) -> Parts:
    """How far each part is, measured by the form that its answers are to."""
    offer, faults = content.offer or Offer(), missing(content, form)
    answered = "part" if content.answers else "open"
    given = offer.places is not None or bool(offer.languages or offer.availability or offer.place)
    return Parts(
        platforms=_how_far("/offer/platforms", faults, begun=bool(offer.platforms)),
        answers="done" if not _at("/answers/", faults) else answered,  # type: ignore[arg-type]
        availability=_availability(faults, begun=given),
        manager="done" if content.manager_informed else "open",
    )


def _how_far(where: str, faults: tuple[Fault, ...], *, begun: bool) -> PartState:
    if not _at(where, faults):
        return "done"
    return "part" if begun else "open"


def _availability(faults: tuple[Fault, ...], *, begun: bool) -> PartState:
    lacking = any(_at(f"/offer/{name}", faults) for name in ("places", "languages", "availability"))
    if not lacking:
        return "done"
    return "part" if begun else "open"


def _at(where: str, faults: tuple[Fault, ...]) -> bool:
    return any(place.startswith(where) for place, _ in faults)


def must_be_complete(content: Content, form: Form | None) -> None:
    """Let pass what may be handed in. Raises ``Incomplete``."""
    if faults := missing(content, form):
        raise Incomplete(faults)


def missing(content: Content, form: Form | None) -> tuple[Fault, ...]:
    """What must still be said, or said more briefly, before it may be handed in."""
    offer = content.offer or Offer()
    faults: list[Fault] = []
    if not any(one.level for one in offer.platforms):
        faults.append(("/offer/platforms", "Name at least one platform that you know, with a level from 1 to 4"))
    if offer.places is None:
        faults.append(("/offer/places", "Say how many executives you can take"))
    if not offer.languages:
        faults.append(("/offer/languages", "Name at least one language in which you can mentor"))
    if not offer.availability:
        faults.append(("/offer/availability", "Name at least one half day on which you have time"))
    faults += _unanswered(content, form)
    if not content.manager_informed:
        faults.append(("/manager_informed", "Tell your manager that you apply, then say so"))
    return tuple(faults)


def _unanswered(content: Content, form: Form | None) -> list[Fault]:
    faults = []
    for question in form.questions if form else ():
        text = content.answers.get(question.question_id, "")
        words = _words(text)
        where = f"/answers/{question.question_id}"
        if not words:
            faults.append((where, f"Answer the question in at most {question.most_words} words"))
        elif words > question.most_words:
            faults.append((where, f"Shorten the answer from {words} to at most {question.most_words} words"))
        elif len(text) > question.most_words * _WORD:
            faults.append((where, f"Shorten the answer to at most {question.most_words * _WORD} characters"))
    return faults


def _words(text: str) -> int:
    """How many words there are; signs without a letter or a digit say nothing."""
    return sum(any(map(str.isalnum, word)) for word in text.split())
