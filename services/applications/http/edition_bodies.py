"""What is sent about editions."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, LiteralString

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.applications.domain import call, edition, eligibility
from services.applications.domain.rubric import Criterion, Rubric
from services.applications.http.fields import Day, Id, Language, Reason, distinct, left_out_stays
from services.chassis.http import Body
from services.chassis.wire import GivenInstant, Line, Text

_SCOPE: LiteralString = "Name subsidiaries, or say group_wide: true"
Name = Annotated[Line, Field(min_length=1, max_length=120)]
Zone = Annotated[str, Field(min_length=1, max_length=60, description="IANA name, e.g. Europe/Berlin")]
Companies = Annotated[tuple[Id, ...], Field(min_length=1, max_length=200), AfterValidator(distinct)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
Languages = Annotated[tuple[Language, ...], Field(min_length=1, max_length=40), AfterValidator(distinct)]
TextLanguages = Annotated[tuple[Language, ...], Field(min_length=1, max_length=10), AfterValidator(distinct)]
Title = Annotated[Line, Field(min_length=1, max_length=120)]
Titles = Annotated[dict[Language, Title], Field(min_length=1, max_length=10)]
Sentence = Annotated[Text, Field(min_length=1, max_length=300)]
Sentences = Annotated[dict[Language, Sentence], Field(min_length=1, max_length=10)]


class Escalation(Body):
    """To whom an executive without a mentor is escalated, after how many days."""

    to: Annotated[Id, Field(description="A person")]
    after_days: Annotated[int, Field(ge=1, le=365, strict=True)]


class OpenEdition(Body):
    """A year's programme, as a draft; for these subsidiaries or for the whole group."""

    name: Name
    starts_on: Day
    ends_on: Annotated[Day, Field(description="Last day, that day included")]
    zone: Zone = edition.ZONE
    subsidiaries: Companies | None = None
    group_wide: Annotated[bool, Field(strict=True)] = False
    template: Annotated[Id | None, Field(description="An edition whose wording this one begins with")] = None

    @model_validator(mode="after")
    def _one_scope(self) -> OpenEdition:
        if bool(self.subsidiaries) == self.group_wide:
            raise PydanticCustomError("scope", _SCOPE, {"pointer": "/subsidiaries"})
        return self

    def terms(self, by: str) -> edition.Terms:
        """What this says of the edition; executives are escalated to whoever makes it."""
        return edition.Terms(
            name=self.name,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            subsidiaries=self.subsidiaries or (),
            escalation=edition.Escalation(by),
            zone=self.zone,
            group_wide=self.group_wide,
        )


class AmendEdition(Body):
    """What shall change of an edition; what is left out stays, a deadline of null is no longer said."""

    model_config = ConfigDict(json_schema_extra=left_out_stays)

    name: Name = ""
    starts_on: Day = date.min
    ends_on: Annotated[Day, Field(description="Last day, that day included")] = date.max
    zone: Zone = ""
    subsidiaries: Companies = ()
    group_wide: Literal[True] = True
    decision_on: Annotated[Day | None, Field(description="The day on which decisions are told")] = None
    accept_by: Annotated[Day | None, Field(description="Last day on which a mentor accepts")] = None
    reserve_until: Annotated[Day | None, Field(description="Last day of the reserve list")] = None
    escalation: Escalation = Escalation.model_construct(to="", after_days=10)

    @model_validator(mode="after")
    def _one_scope(self) -> AmendEdition:
        if {"subsidiaries", "group_wide"} <= self.model_fields_set:
            raise PydanticCustomError("scope", _SCOPE, {"pointer": "/subsidiaries"})
        return self

    def said(self) -> dict[str, object]:
        """What was named, by the names of ``edition.Terms``."""
        said: dict[str, object] = {name: getattr(self, name) for name in self.model_fields_set}
        if "escalation" in said:
            said["escalation"] = edition.Escalation(self.escalation.to, self.escalation.after_days)
        if "subsidiaries" in said:
            said["group_wide"] = False
        elif "group_wide" in said:
            said["subsidiaries"] = ()
        return said


class Age(Body):
    """At most so many completed years of life on the reference date, allowed by a named law."""

    kind: Literal["age"]
    maximum: Annotated[int, Field(ge=16, le=99, strict=True)]
    legal_ground: Annotated[Text, Field(min_length=10, max_length=500, description="E.g. a section of a law, and why")]
    aim: Annotated[Text | None, Field(min_length=1, max_length=500, description="What the limit is for")] = None


class Entry(Body):
    """At most so many completed years since joining on the reference date."""

    kind: Literal["entry"]
    maximum_years: Annotated[int, Field(ge=0, le=50, strict=True)]


class Tenure(Body):
    """At least so many completed months since joining on the reference date."""

    kind: Literal["tenure"]
    minimum_months: Annotated[int, Field(ge=1, le=600, strict=True)]


class OfSubsidiary(Body):
    """Only people of these subsidiaries."""

    kind: Literal["subsidiary"]
    subsidiaries: Companies


class OfContract(Body):
    """Only people with one of these kinds of contract."""

    kind: Literal["contract"]
    contracts: Annotated[tuple[eligibility.Contract, ...], Field(min_length=1, max_length=8), AfterValidator(distinct)]


class Speaking(Body):
    """Only people who speak one of these languages; regions do not count."""

    kind: Literal["language"]
    languages: Languages


Rule = Annotated[Age | Entry | Tenure | OfSubsidiary | OfContract | Speaking, Field(discriminator="kind")]


class CallWords(Body):
    """What the call says in one language."""

    title: Title
    invitation: Annotated[Text, Field(min_length=1, max_length=4000)]


class DraftCall(Body):
    """The whole call for mentors."""

    reference_date: Annotated[Day, Field(description="The day on which age and service are counted")]
    opens_at: Annotated[GivenInstant | None, Field(description="Null: as soon as people open it")] = None
    closes_at: GivenInstant
    languages: TextLanguages
    names_hidden: Annotated[bool, Field(strict=True, description="Assessors see no names")] = False
    hours_a_month: Annotated[int, Field(ge=1, le=40, strict=True)] = 2
    texts: Annotated[dict[Language, CallWords], Field(max_length=10)]
    rules: Annotated[tuple[Rule, ...], Field(max_length=6)]

    def call(self) -> call.Call:
        """The call that this says."""
        wording = call.CallWording(
            self.languages,
            {language: call.CallText(one.title, one.invitation) for language, one in self.texts.items()},
            tuple(_rule(one) for one in self.rules),
            names_hidden=self.names_hidden,
            hours_a_month=self.hours_a_month,
        )
        return call.Call(self.reference_date, self.closes_at, wording, opens_at=self.opens_at)


def _rule(body: Age | Entry | Tenure | OfSubsidiary | OfContract | Speaking) -> eligibility.Rule:
    match body:
        case Age():
            return eligibility.AgeRule(body.maximum, body.legal_ground, body.aim)
        case Entry():
            return eligibility.EntryRule(body.maximum_years)
        case Tenure():
            return eligibility.TenureRule(body.minimum_months)
        case OfSubsidiary():
            return eligibility.SubsidiaryRule(body.subsidiaries)
        case OfContract():
            return eligibility.ContractRule(body.contracts)
        case Speaking():
            return eligibility.LanguageRule(body.languages)


class Question(Body):
    """One question, to be answered in so many words at most."""

    question_id: Slug
    text: Sentences
    most_words: Annotated[int, Field(ge=20, le=500, strict=True)]


class ChangeForm(Body):
    """All questions of the call."""

    questions: Annotated[tuple[Question, ...], Field(max_length=10)]

    def form(self) -> tuple[call.Question, ...]:
        """The questions that this says."""
        return tuple(call.Question(one.question_id, one.text, one.most_words) for one in self.questions)


class CriterionBody(Body):
    """One thing that assessors look at; its levels from the weakest to the strongest."""

    criterion_id: Slug
    title: Titles
    weight: Annotated[int, Field(ge=1, le=100, strict=True, description="Percent of the total")]
    levels: Annotated[tuple[Sentences, ...], Field(min_length=2, max_length=7)]


class ChangeRubric(Body):
    """The whole rubric; weights are 100 together."""

    criteria: Annotated[tuple[CriterionBody, ...], Field(min_length=1, max_length=12)]
    spread: Annotated[int, Field(ge=5, le=100, strict=True, description="Points between totals that disagree")] = 25
    sheets: Annotated[int, Field(ge=2, le=5, strict=True, description="Assessors per application")] = 3

    def rubric(self) -> Rubric:
        """The rubric that this says."""
        criteria = tuple(Criterion(one.criterion_id, one.title, one.weight, one.levels) for one in self.criteria)
        return Rubric(criteria, self.spread, self.sheets)


class ReachStage(Body):
    """The stage that comes next; closing before the last day needs a reason."""

    to: edition.Stage
    reason: Reason | None = None
