"""What is sent about policies; points and units are those of ``domain.policy``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, LiteralString

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from services.chassis.http import Body
from services.chassis.wire import Id, Line
from services.matching.domain import policy
from services.matching.domain.policies import Terms
from services.matching.domain.policy import STANDARD

_SCOPE: LiteralString = "Name subsidiaries, or say group_wide: true, or neither for all that you manage"
Name = Annotated[Line, Field(min_length=1, max_length=policy.LONGEST_NAME)]
Share = Annotated[int, Field(ge=0, le=policy.FULL_MARKS, strict=True)]
Times = Annotated[int, Field(ge=1, le=policy.HIGHEST_PRIORITY_WEIGHT, strict=True)]
Days = Annotated[int, Field(ge=0, le=policy.MOST_VETO_DAYS, strict=True)]


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("not_distinct", "Name each one once")
    return values


Companies = Annotated[tuple[Id, ...], Field(min_length=1, max_length=200), AfterValidator(_distinct)]


class GivenRules(Body):
    """What a pair must not be; what is left out is as in the standard policy."""

    subsidiary: policy.SubsidiaryRule = STANDARD.rules.subsidiary
    language_level: policy.Level = STANDARD.rules.language_level
    meeting: policy.MeetingRule = STANDARD.rules.meeting
    same_manager: Annotated[bool, Field(strict=True, description="True: it is forbidden")] = True
    earlier_pairs: Annotated[bool, Field(strict=True, description="True: it is forbidden")] = True


class GivenWeights(Body):
    """The most points that each criterion can give, 100 together."""

    learning_wishes: Share
    availability: Share
    languages: Share
    hierarchy: Share
    place: Share
    other_subsidiary: Share


class GivenTerms(Body):
    """What a policy says; what is left out stays as it is in the policy that this one comes from."""

    rules: GivenRules | None = None
    weights: GivenWeights | None = None
    priority_weights: Annotated[tuple[Times, Times, Times] | None, Field(description="Of wish 1, 2 and 3")] = None
    veto_days: Annotated[Days | None, Field(description="Days in which a pair may object to a proposal")] = None
    priority: policy.Priority | None = None

    def said(self) -> Mapping[str, Any]:
        """What was given, by the names of ``Terms``."""
        given = {one.name: getattr(self, one.name, None) for one in fields(Terms)}
        if self.rules:
            given["rules"] = policy.Rules(**self.rules.model_dump())
        if self.weights:
            given["weights"] = policy.Weights(**self.weights.model_dump())
        return {name: value for name, value in given.items() if value is not None}


class MakePolicy(GivenTerms):
    """A policy of one's own, for the programmes of these subsidiaries or of the group."""

    name: Name
    based_on: Annotated[Id, Field(description="The policy whose words it begins with")] = STANDARD.policy_id
    subsidiaries: Companies | None = None
    group_wide: Annotated[bool, Field(strict=True)] | None = None

    @model_validator(mode="after")
    def _one_scope(self) -> MakePolicy:
        if self.subsidiaries and self.group_wide:
            raise PydanticCustomError("scope", _SCOPE, {"pointer": "/subsidiaries"})
        return self


class ChangePolicy(GivenTerms):
    """A policy, worded anew."""

    name: Name | None = None


class AddVersion(GivenTerms):
    """What the new version says otherwise."""
