"""A rule of the programme that says no."""

from __future__ import annotations


class RuleBroken(Exception):
    """A command breaks a rule; nothing happened.

    ``kind`` is the rule's stable name in kebab-case, ``detail`` says what to do instead.
    """

    kind = "refused"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
