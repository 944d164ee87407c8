"""The persons of the story whom the sign-in page offers: what they do, and when each has something to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from deploy.local.issuer.cast import personas_of
from deploy.local.issuer.personas import Persona, Words
from deploy.local.story import roster

_ASSESSES: Words = {"en": "March: assesses twelve applications", "de": "März: bewertet zwölf Bewerbungen"}
STAGES: Mapping[str, Words] = {
    "kurz": {
        "en": "All year: opens the call, decides, publishes the pairs, watches the board",
        "de": "Das ganze Jahr: Ausschreibung, Auswahl, Veröffentlichung der Paare, Auswertung",
    },
    "winter": {"en": "From April: meets her mentor once a month", "de": "Ab April: einmal im Monat ein Treffen"},
    "hoff": {
        "en": "March: applies and accepts. From April: sessions",
        "de": "März: Bewerbung und Zusage. Ab April: Treffen",
    },
    "brandes": {
        "en": "Before the start: the roster, roles and companies; then the whole group's figures",
        "de": "Vor dem Start: Personalliste, Rollen, Gesellschaften; danach die Zahlen des Konzerns",
    },
    "harms": {"en": "March: is over the age limit", "de": "März: liegt über der Altersgrenze"},
    "albers": _ASSESSES,
    "boysen": _ASSESSES,
    "clausen": _ASSESSES,
    "henningsen": _ASSESSES,
    "lueders": _ASSESSES,
    "oezdemir": _ASSESSES,
    "aydin": {
        "en": "Any time: brings the roster up to date. July: reports that a mentor leaves",
        "de": "Jederzeit: aktualisiert die Personalliste. Juli: meldet, dass eine Mentorin geht",
    },
    "tams": {"en": "Any time: checks who did what", "de": "Jederzeit: prüft, wer was getan hat"},
    "marten": {
        "en": "Any time: what is kept, and how long",
        "de": "Jederzeit: was wie lange liegt",
    },
    "reimers": {"en": "Any time: parked records, keys", "de": "Jederzeit: geparkte Nachrichten, Schlüssel"},
}
_LINES: Mapping[str, Words] = {
    "winter": {"en": "Chief executive, Nordhafen Holding", "de": "Vorstandsvorsitzende, Nordhafen Holding"},
    "brandes": {"en": "Group programme office, Nordhafen Holding", "de": "Konzern-Programmbüro, Nordhafen Holding"},
}


def personas() -> dict[str, Persona]:
    """The personas by their logins, in the order of the page."""
    known = personas_of(roster.text().decode())
    return {login: _told(known[login], login) for login in STAGES}


def _told(persona: Persona, login: str) -> Persona:
    return replace(persona, stage=STAGES[login], line=_LINES.get(login, persona.line))
