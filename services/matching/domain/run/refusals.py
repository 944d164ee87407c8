"""What cannot be done to a run, and why."""

from __future__ import annotations

from collections.abc import Sequence

from services.matching.domain.rules import RuleBroken


class RunExists(RuleBroken):
    """The run was requested before."""

    kind = "run-exists"


class NotCancellable(RuleBroken):
    """Only a run that waits for its proposal can be cancelled."""

    kind = "run-not-cancellable"


class NotReviewable(RuleBroken):
    """Only a proposal that was not published yet can be approved or rejected."""

    kind = "run-not-reviewable"


class VetoDaysLeft(RuleBroken):
    """Members who see their pairs may object to them until the days are over."""

    kind = "run-veto-days-left"


class IsTrial(RuleBroken):
    """A trial shows what a policy would bring; nothing comes of it."""

    kind = "run-is-trial"


class NothingChosen(RuleBroken):
    """Of the alternatives of a re-match somebody has to choose one first."""

    kind = "run-nothing-chosen"


class NotChoosable(RuleBroken):
    """Only a re-match that was not decided on yet has alternatives to choose from."""

    kind = "run-not-choosable"


class NoSuchAlternative(RuleBroken):
    """The re-match has no alternative with this number of changes."""

    kind = "run-no-such-alternative"
    status = 422
    field = "/changes"


class NotPreviewable(RuleBroken):
    """Only a proposal that nobody has decided on yet is shown to its members."""

    kind = "run-not-previewable"


class NotVetoable(RuleBroken):
    """Members object to a pair while it is shown to them, once."""

    kind = "run-not-vetoable"


class NoSuchPair(RuleBroken):
    """There is no such pair in the proposal, or the caller is not of it."""

    kind = "not-found"


class NotApproved(RuleBroken):
    """Only an approved proposal is published."""

    kind = "run-not-approved"


class NeedsOthers(RuleBroken):
    """Pairs need places of a re-match that others hold who are not named; ``members`` tells programs whose."""

    kind = "run-needs-others"
    status = 422
    field = "/mentee_ids"

    def __init__(self, mentee_ids: Sequence[str]) -> None:
        more = f" and {len(mentee_ids) - 5} more" if len(mentee_ids) > 5 else ""
        named = f"{', '.join(mentee_ids[:5])}{more}"
        super().__init__(
            f"These pairs need places that become free with the pairs of {named} only; "
            "publish these too, or leave out who needs them."
        )
        self.mentee_ids = tuple(mentee_ids)

    @property
    def members(self) -> dict[str, object]:
        """The executives whose pairs must go along, as plain JSON."""
        return {"mentee_ids": list(self.mentee_ids)}


class NotInProposal(RuleBroken):
    """Only executives with a pair in the proposal that is still to be published can be named."""

    kind = "run-not-in-proposal"
    status = 422
    field = "/mentee_ids"
