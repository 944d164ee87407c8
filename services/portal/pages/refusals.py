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
