"""One's own application in one edition, as all of its pages need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import Response

from services.portal.clients.answers import LOST, Refusal
from services.portal.clients.application_records import Application, Offer
from services.portal.clients.applying import Applying
from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.http.forms import Form
from services.portal.http.page import Elsewhere, Rows, Signed, SignedPage
from services.portal.pages import applying_words, words
from services.portal.pages.deadlines import Deadline, Deadlines
from services.portal.pages.passages import Passage, passage
from services.portal.pages.rule_words import STANDINGS, RuleWords

_CHANGEABLE = frozenset({"draft", "applied"})
_WITHDRAWABLE = frozenset({"draft", "applied", "selected", "reserved", "accepted"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for the reader, how many words answer it at most, and what was answered."""

    id: str
    text: Passage
    most_words: int
    answer: str

    @property
    def name(self) -> str:
        """The input's."""
        return f"answer-{self.id}"

    @property
    def words(self) -> int:
        """How many words were written."""
        return len(self.answer.split())


@dataclass(frozen=True, slots=True)
class Case:
    """An application with its edition, in ``version``, at ``now``."""

    page: SignedPage
    edition: Edition
    application: Application
    version: int | None
    now: datetime

    @property
    def path(self) -> str:
        """The page of this application."""
        return f"/calls/{self.edition.edition_id}/application"

    @property
    def title(self) -> Passage:
        """What the call is called."""
        return title_of(self.page, self.edition)

    @property
    def deadlines(self) -> Deadlines:
        """Deadlines in the zone of the edition."""
        return deadlines_of(self.page, self.edition)

    @property
    def deadline(self) -> Deadline | None:
        """Until when it may be changed."""
        until = self.application.open_until
        return self.deadlines.until(until) if until else None

    @property
    def in_time(self) -> bool:
        """Whether the call is open to this person still."""
        return self.deadline is not None and not self.deadline.passed

    @property
    def open(self) -> bool:
        """Whether it may be changed now."""
        return self.application.status in _CHANGEABLE and self.in_time

    @property
    def withdrawable(self) -> bool:
        """Whether it may be withdrawn now."""
        return self.application.status in _WITHDRAWABLE

    @property
    def accept_by(self) -> Deadline | None:
        """Until the end of which day the place may be accepted."""
        day = self.application.accept_by or self.edition.accept_by
        return self.deadlines.day(day) if day else None

    @property
    def needs_waiver(self) -> bool:
        """Whether a rule is missed and nobody has granted a waiver."""
        return self.application.eligibility == "unmet"

    @property
    def offer(self) -> Offer:
        """What is offered so far."""
        return self.application.offer or Offer()

    @property
    def questions(self) -> list[Asked]:
        """The call's questions, with what was answered."""
        order = self.edition.languages
        return [
            Asked(
                one.question_id,
                passage(one.text, self.page.language, order),
                one.most_words,
                self.application.answers.get(one.question_id, ""),
            )
            for one in (self.edition.form.questions if self.edition.form else ())
        ]

    @property
    def former(self) -> list[Asked]:
        """Answers to questions that the call does not ask any more."""
        present, gone = {one.id for one in self.questions}, self.page.text("A question that was taken out since")
        answers = self.application.answers.items()
        return [Asked(id, Passage(gone), 0, answer) for id, answer in answers if id not in present]

    @property
    def done(self) -> int:
        """How many parts are done."""
        return sum(state == "done" for state in self.application.parts.model_dump().values())

    async def content(self, **more: Any) -> dict[str, Any]:
        """What every page of it shows."""
        terms = await self.page.people.catalogue("platforms", self.page.language.code)
        return {
            "case": self,
            "one": self.application,
            "edition": self.edition,
            "version": self.version,
            "me": self.page.me,
            "platforms": {term.code: term.name for term in terms},
            "words": words,
            "applying": applying_words,
            "standings": STANDINGS,
            "rules": await rules_of(self.page),
            "say": lambda texts: passage(texts, self.page.language, self.edition.languages),
            "from_check": self.page.request.query_params.get("from") == "check",
            **more,
        }

    def refused(
        self, form: Form, refusal: Refusal, template: str, content: Mapping[str, Any], rows: Rows = ()
    ) -> Response:
        """The conflict page, or the form again with what to correct. Raises what is no matter of this form."""
        if refusal.status == LOST:
            told = rows or [(self.page.text("Application"), self.page.text("your input"), self.status)]
            back = (self.path, self.page.text("My application"))
            return self.page.conflict(form, told, self.version, back=back)
        if refusal.status not in {409, 422}:
            raise refusal
        fields = {pointer.replace("/answers/", "/answers/answer-"): told for pointer, told in refusal.fields.items()}
        named = Refusal(refusal.status, refusal.kind, refusal.detail, fields)
        return self.page.again(template, form, named, **content)

    @property
    def status(self) -> str:
        """What became of it, in a word."""
        status = self.application.status
        return self.page.text(applying_words.STATUSES.get(status, ("", status))[1])


def applying(page: SignedPage) -> Applying:
    """The client, in the name of who looks."""
    return Applying(page.applications)


def title_of(page: SignedPage, edition: Edition) -> Passage:
    """What a call is called; the edition's name where it says nothing."""
    texts = {tag: text.title for tag, text in (edition.call.texts if edition.call else {}).items()}
    found = passage(texts, page.language, edition.languages)
    return found if found.text else Passage(edition.name)


def deadlines_of(page: SignedPage, edition: Edition) -> Deadlines:
    """Deadlines in the zone of an edition."""
    return Deadlines(page.language, page.formats, edition.zone, page.now())


async def rules_of(page: SignedPage) -> RuleWords:
    """The words of rules, with the companies that the reader knows."""
    companies = {one.id: one.name for one in await page.people.companies()}
    return RuleWords(page.language, page.formats, companies)


async def my_case(page: Signed, edition: str) -> Case:
    """One's own application in an edition. Raises ``Elsewhere``, to the call, where none was begun."""
    one = (await Editions(page.applications).show(edition)).value
    mine = await applying(page).mine(edition)
    if mine is None:
        raise Elsewhere(f"/calls/{one.edition_id}")
    return Case(page, one, mine.value, mine.version, page.now())


async def open_case(case: Mine) -> Case:
    """The same while it may be changed. Raises ``Elsewhere``, to the application, after that."""
    if not case.open:
        raise Elsewhere(case.path)
    return case


Mine = Annotated[Case, Depends(my_case)]
Opened = Annotated[Case, Depends(open_case)]
