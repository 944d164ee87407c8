"""What is sent about runs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.chassis.http import Body
from services.chassis.wire import Id, Text
from services.matching.domain import run
from services.matching.domain.overrides import LONGEST_REASON
from services.matching.domain.policy import STANDARD

_MOST_NAMED = 2_000
_Named = Annotated[str, Field(pattern=r"^[!-~]{1,36}$")]


class RequestRun(Body):
    """The edition that is to be matched, and how.

    ``seed`` picks among proposals that are equally good. A ``trial`` shows what a policy would bring; nothing comes of
    it. A ``rematch`` offers proposals that change few of the pairs that stand.
    """

    edition_id: Id
    policy_id: Id = STANDARD.policy_id
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, strict=True)] = 0
    trial: Annotated[bool, Field(strict=True)] = False
    kind: run.Kind = "full"


class CancelRun(Body):
    """Nothing is asked of whoever cancels."""


class Choose(Body):
    """The alternative of a re-match, by the number of other pairs that may change in it."""

    changes: Annotated[int, Field(ge=0, le=1_000_000, strict=True)]


class PreviewRun(Body):
    """Nothing is asked of whoever shows the pairs to their members."""


class RaiseVeto(Body):
    """The executive of the caller's own pair, and why the two should be none."""

    mentee_id: Id
    reason: Annotated[Text, Field(min_length=1, max_length=LONGEST_REASON)]


class ReviewRun(Body):
    """What is decided on a proposal; an approval can be taken back until the run is published."""

    decision: Literal["approved", "rejected"]
    note: Annotated[Text, Field(max_length=1000)] | None = None


class PublishRun(Body):
    """The executives whose pairs are published now; none named are all. The others are kept back for later.

    ``approve`` approves the proposal too, where nobody has yet: both happen, or neither.
    """

    mentee_ids: Annotated[tuple[_Named, ...], Field(min_length=1, max_length=_MOST_NAMED)] | None = None
    approve: bool = False
