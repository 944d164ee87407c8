"""What an application says no to."""

from __future__ import annotations

from services.applications.domain.rules import RuleBroken


class AlreadyApplied(RuleBroken):
    """One application per person and edition, and this one says something else."""

    kind = "already-applied"


class AlreadyStarted(RuleBroken):
    """There is a draft that says something else."""

    kind = "already-started"


class HasJudged(RuleBroken):
    """Whoever decided on others' applications, or assessed them, does not compete with them."""

    kind = "has-judged"


class CallNotOpen(RuleBroken):
    """There is no call yet, or its deadline has passed."""

    kind = "call-not-open"


class UnknownPerson(RuleBroken):
    """The directory does not know the person; ``field`` is where the request names them."""

    kind = "unknown-person"
    status = 422

    def __init__(self, detail: str, field: str = "/mentor_id") -> None:
        super().__init__(detail)
        self.field = field


class ProfileMissing(RuleBroken):
    """The person's profile, from which the rules are counted, has not arrived."""

    kind = "profile-missing"


class NotInScope(RuleBroken):
    """The person cannot be a mentor of this edition, whatever the call's rules say."""

    kind = "not-in-scope"


class UnknownQuestion(RuleBroken):
    """An answer is to no question of the form; ``field`` names it."""

    kind = "unknown-question"
    status = 422

    def __init__(self, question_id: str) -> None:
        super().__init__(f"The form has no question {question_id}; load the edition's form and answer its questions.")
        self.field = f"/answers/{question_id}"


class Incomplete(RuleBroken):
    """Parts are missing; ``faults`` names each by its JSON pointer."""

    kind = "incomplete"
    status = 422

    def __init__(self, faults: tuple[tuple[str, str], ...]) -> None:
        super().__init__("Complete the parts named in errors, then hand the application in.")
        self.faults = faults


class NoWaiverNeeded(RuleBroken):
    """The applicant meets every rule."""

    kind = "no-waiver-needed"


class WaiverDecidedBefore(RuleBroken):
    """The waiver was decided before."""

    kind = "waiver-decided-before"


class OwnApplication(RuleBroken):
    """Nobody decides on the own application."""

    kind = "own-application"


class NotEligible(RuleBroken):
    """A rule of the call is missed and no waiver stands."""

    kind = "not-eligible"


class NotSubmitted(RuleBroken):
    """The application is still a draft."""

    kind = "not-submitted"


class Withdrawn(RuleBroken):
    """The applicant withdrew."""

    kind = "withdrawn"


class DecidedBefore(RuleBroken):
    """The application was decided before, and that is final."""

    kind = "decided-before"


class NotInSelection(RuleBroken):
    """The edition does not stand where applications are decided."""

    kind = "not-in-selection"


class RoundOpen(RuleBroken):
    """The application stands in a round of assessment that is not closed; nobody decides before its scores are seen."""

    kind = "round-open"


class EditionClosed(RuleBroken):
    """The edition is closed."""

    kind = "edition-closed"


class NotSelected(RuleBroken):
    """Only who was selected can accept a place."""

    kind = "not-selected"


class AcceptanceOver(RuleBroken):
    """The last day for accepting the place has passed."""

    kind = "acceptance-over"


class UntilPassed(RuleBroken):
    """The instant or day that was named has passed already."""

    kind = "until-passed"
    status = 422
    field = "/until"


class UntilTooLate(RuleBroken):
    """The instant that was named lies after the edition's last day."""

    kind = "until-too-late"
    status = 422
    field = "/until"


class ReasonMissing(RuleBroken):
    """A decision needs a reason."""

    kind = "reason-missing"
    status = 422
    field = "/reason"
