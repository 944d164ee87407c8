"""Reasons that people give for what they decide; services keep them and ask for a sentence."""

from __future__ import annotations

from services.portal.http.forms import Form
from services.portal.http.page import SignedPage

SHORTEST, LONGEST = 10, 1000  # characters


def reason_wrong(page: SignedPage, form: Form, name: str = "reason") -> dict[str, str]:
    """What is wrong with the reason under this name, by the name; nothing where it is a sentence."""
    if not SHORTEST <= len(form[name]) <= LONGEST:
        return {name: page.text("Give the reason in a sentence, from 10 to 1000 characters")}
    return {}
