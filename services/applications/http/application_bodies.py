"""What is sent about applications."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.applications.domain import application
from services.applications.http.fields import Day, Id, Language, Reason, distinct, left_out_stays
from services.chassis.http import Body
from services.chassis.wire import GivenInstant, Line, Text

HalfDay = Literal[
    "mon_am", "mon_pm", "tue_am", "tue_pm", "wed_am", "wed_pm", "thu_am", "thu_pm", "fri_am", "fri_pm"
]  # fmt: skip
Code = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$", description="Catalogue code")]
Question = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
Answer = Annotated[Text, Field(max_length=10_000)]


class Empty(Body):
    """Nothing needs to be said."""


class Platform(Body):
    """A platform and how well it is known, 0 (not at all) to 4 (expert)."""

    platform: Code
    level: Annotated[int, Field(ge=0, le=4, strict=True)]


class GivenOffer(Body):
    """What an applicant offers; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra=left_out_stays)

    places: Annotated[int, Field(ge=1, le=3, strict=True)] | None = None
    platforms: Annotated[tuple[Platform, ...], Field(max_length=40)] = ()
    languages: Annotated[tuple[Language, ...], Field(max_length=40), AfterValidator(distinct)] = ()
    availability: Annotated[tuple[HalfDay, ...], Field(max_length=10), AfterValidator(distinct)] = ()
    place: Annotated[Line, Field(max_length=100)] = ""
    remote: Annotated[bool, Field(strict=True)] | None = None

    @model_validator(mode="after")
    def _each_platform_once(self) -> Self:
        if len({one.platform for one in self.platforms}) < len(self.platforms):
            raise PydanticCustomError("not_distinct", "Name each platform once")
        return self

    def said(self) -> dict[str, Any]:
        """The named fields, in the domain's words."""
        named = {name: getattr(self, name) for name in self.model_fields_set}
        if "platforms" in named:
            named["platforms"] = tuple(application.Platform(one.platform, one.level) for one in self.platforms)
        return named


class ChangeApplication(Body):
    """The parts that an applicant changes; what is left out stays, ``answers`` are replaced as a whole."""

    model_config = ConfigDict(json_schema_extra=left_out_stays)

    offer: GivenOffer | None = None
    answers: Annotated[dict[Question, Answer], Field(max_length=20)] | None = None
    manager_informed: Annotated[bool, Field(strict=True)] | None = None
    waiver_reason: Reason | None = None

    def said(self) -> application.Said:
        """What the domain is told."""
        offer = self.offer.said() if self.offer else None
        return application.Said(offer, self.answers, self.manager_informed, self.waiver_reason)


class Apply(ChangeApplication):
    """Somebody who wants to be a mentor, with the parts that are ready; ``submit`` hands it in at once."""

    mentor_id: Id
    submit: Annotated[bool, Field(strict=True)] = False


class Withdraw(Body):
    """Why somebody withdraws, if they want to say so."""

    reason: Annotated[Text, Field(max_length=1000)] | None = None


class Explained(Body):
    """Why."""

    reason: Reason


class DecideWaiver(Explained):
    """What is decided on missed rules, and why."""

    decision: Literal["granted", "refused"]


class DecideApplication(Explained):
    """A decision on an application and why, which waits for its release."""

    decision: application.Verdict


class AdmitLate(Explained):
    """Who may apply after the deadline, until when, and why."""

    person_id: Id
    until: GivenInstant


class ExtendAcceptance(Explained):
    """Until the end of which day somebody may accept a place, and why."""

    until: Day
