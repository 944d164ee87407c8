"""What services refuse, in the reader's words: by the stable kind, for details are English prose."""

from __future__ import annotations

from typing import Protocol

from services.portal.pages.translations import Language


class Refused(Protocol):
    """A refusal of a service."""

    @property
    def kind(self) -> str:
        """Its stable, kebab-case kind."""
        ...

    @property
    def detail(self) -> str:
        """What it says, in English."""
        ...


def N_(text: str) -> str:  # noqa: N802 - the name by which texts to translate are found
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


_TOLD = {
    "own-role": N_("Nobody gives roles to themselves. Ask somebody else with that right."),
    "own-account": N_("Nobody gives rights to their own account. Ask somebody else with that right."),
    "own-case": N_("Nobody decides on their own case. Ask somebody else with that right."),
    "role-missing": N_("Your roles do not open this."),
    "outside-your-subsidiaries": N_("You hold this right for other companies only."),
    "already-taken": N_("Somebody else has this already."),
    "person-has-left": N_("This person has left; nobody who has left holds a role."),
    "role-not-held": N_("This role is not held here any more. Look at the person again."),
    "role-held-for-the-group": N_(
        "This role holds for the whole group. End it altogether, then give it where it stays."
    ),
    "platform-unknown": N_("This platform is not in the catalogue any more. Choose another one."),
    "expiry-out-of-range": N_("A key is good for a year at most."),
    "too-many-keys": N_("This account has as many keys as it may have. End one first."),
    "account-inactive": N_("This account has ended; it gets no more keys."),
    "idempotency-key-reused": N_("This form was sent already with other answers. Open it anew."),
    "call-not-open": N_("The call is closed, or not open yet. What you wrote is not saved."),
    "not-in-scope": N_("You do not belong to those who may apply here, as far as HR's roster says."),
    "unknown-person": N_("HR's roster has not arrived here yet. Try again in a few minutes."),
    "profile-missing": N_("What HR knows of you has not arrived here yet. Try again in a few minutes."),
    "incomplete": N_("An application that was sent must stay complete."),
    "unknown-question": N_("The questions were changed meanwhile. Open the page anew."),
    "already-applied": N_("You have sent an application already."),
    "already-started": N_("You have begun an application already."),
    "no-waiver-needed": N_("Every rule is met as things are now; no waiver is needed."),
    "waiver-decided-before": N_("This waiver was decided before."),
    "own-application": N_("Nobody decides on their own application. Ask somebody else with that right."),
    "decided-before": N_("This application was decided before."),
    "not-submitted": N_("This application is not sent."),
    "withdrawn": N_("This application was withdrawn."),
    "not-selected": N_("This application is not selected at present."),
    "until-passed": N_("This is over already. Choose a later day."),
    "until-too-late": N_("This lies after the last day of the edition. Choose an earlier day."),
    "acceptance-over": N_("The day to accept is over. Ask the programme managers for more time."),
    "rubric-missing": N_("There is no rubric yet. Write one first."),
    "edition-closed": N_("This edition is closed; nothing of it can be changed any more."),
    "rules-frozen": N_("This stands in the present stage of the edition; people rely on it."),
    "edition-over": N_("The last day of the edition has passed. Choose one that is still to come."),
    "zone-unknown": N_("There is no such time zone. Choose one of the list."),
    "dates-contradict": N_("This day does not fit the other ones."),
    "text-missing": N_("A text is missing in a language of the call."),
    "weights-off": N_("The weights must make 100 together."),
    "stage-order": N_("The edition is in another stage by now. Open the page anew."),
    "already-exempt": N_("This executive is exempt already."),
    "already-paired": N_("This executive has a mentor."),
    "already-escalated": N_("This executive is escalated already."),
    "nothing-to-lift": N_("This executive is neither exempt nor escalated."),
    "out-of-scope": N_("This executive is not in the scope of the edition any more."),
    "own-participation": N_("Nobody decides on their own taking part. Ask somebody else with that right."),
    "exemption-over": N_("This day is over already. Choose a later one, or none."),
    "escalated-to-themselves": N_("An executive cannot be escalated to themselves. Choose somebody else."),
    "edition-not-running": N_("Nothing can be decided in the present stage of the edition."),
    "not-in-selection": N_("This edition is not in its selection, so this cannot be done now."),
    "round-running": N_("A round is open already. Close it first."),
    "nothing-to-assess": N_("No application can be assessed: none was sent, or none is eligible."),
    "second-opinion-missing": N_("An application that nobody has assessed yet needs at least two sheets."),
    "unknown-assessors": N_("Some of these people cannot assess here, as far as their roles say. Choose others."),
    "too-few-assessors": N_("Some applications cannot get as many independent assessors."),
    "round-open": N_("A round is open. Decide, and release, when it is closed and its scores are seen."),
    "round-not-open": N_("This round is not open any more."),
    "sheet-not-open": N_("This sheet is not open any more."),
    "not-eligible": N_("A rule of the call is not met, and no waiver is granted. Decide on a waiver, or decline."),
    "run-open": N_("A proposal of this edition is being computed or published. Wait for it, or cancel it."),
    "unknown-edition": N_("The matching does not know this edition yet. Try again in a few minutes."),
    "unknown-policy": N_("There is no such policy any more. Choose another one."),
    "overrides-contradict": N_("What people laid down contradicts itself, or what is known by now."),
    "override-malformed": N_("This cannot be laid down like that."),
    "override-withdrawn": N_("This was withdrawn before."),
    "too-large": N_("This is more than can be kept in one place. Divide it into several."),
    "too-many-overrides": N_("As much is laid down for this edition as can be. Withdraw what is not needed."),
    "nothing-to-undo": N_("There is nothing to take back."),
    "policy-allows-nothing": N_("This policy allows no pair at all. Choose another one, or loosen its rules."),
    "run-not-cancellable": N_("This proposal is there already; nothing is left to cancel."),
    "run-not-reviewable": N_("This proposal is decided already, or not there yet."),
    "run-not-proposed": N_("There is no proposal yet, or it has no proof."),
    "run-is-trial": N_("This is a trial; nothing comes of it. Compute a proposal with the policy instead."),
    "run-veto-days-left": N_("Members may still object to their pairs."),
    "run-nothing-chosen": N_("Choose one of the alternatives first."),
    "run-not-choosable": N_("There is nothing to choose from any more."),
    "run-no-such-alternative": N_("There is no such alternative any more."),
    "run-not-previewable": N_("This proposal is decided already, or shown already."),
    "run-not-vetoable": N_("The days in which you could object are over. Tell the programme office."),
    "run-not-approved": N_("This proposal is not approved, or published already."),
    "run-needs-others": N_("Other tandems must go along, since the places that these need are theirs until then."),
    "run-not-in-proposal": N_("Some of these executives have no pair here that could be published."),
    "policy-name-taken": N_("There is a policy of this name already. Choose another name."),
    "policy-used": N_("A proposal was computed by this policy, so it stays as it is. Make a new version."),
    "policy-built-in": N_("This policy comes with Tandem and stays as it is. Make your own from it."),
    "policy-malformed": N_("No points can be counted by a policy like that."),
    "pair-ended": N_("This tandem has ended already."),
    "contended": N_("Many are changing this at once. Try again in a moment."),
    "backlog-full": N_("A part of Tandem is catching up. Try again in a few minutes."),
}
_NOT_AS_IT_IS = N_("This cannot be saved as it is.")


def told(refusal: Refused, language: Language, detail: str = "") -> str:
    """The refusal, or what it says of one field, for readers; in English those of the service where ours do not fit."""
    known = _TOLD.get(refusal.kind)
    if known:
        return language.text(known)
    english = detail or refusal.detail
    return english if english and language.locale.language == "en" else language.text(_NOT_AS_IT_IS)
