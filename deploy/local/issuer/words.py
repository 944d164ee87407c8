"""What the issuer's pages say, in each of their languages."""

from __future__ import annotations

LANGUAGES = ("de", "en")
NAME = "demo issuer, loopback only"  # in every language the same
WORDS = {
    "skip": {"en": "Skip to content", "de": "Zum Inhalt"},
    "other": {"en": "Deutsch", "de": "English"},
    "who": {"en": "Who are you in the demo?", "de": "Wer sind Sie in der Demo?"},
    "lede": {
        "en": "This page stands in for your company's sign-in. It asks for no password, and everyone here is invented.",
        "de": "Diese Seite steht für die Anmeldung Ihres Unternehmens. "
        "Sie fragt nach keinem Kennwort, und alle Personen hier sind erfunden.",
    },
    "bound": {
        "en": "This demo issuer answers this machine alone. In production your own identity provider takes its place.",
        "de": "Dieser Demo-Anmeldedienst antwortet nur diesem Rechner. Im Betrieb steht hier Ihr eigener.",
    },
    "persons": {"en": "Continue to {client} as", "de": "Weiter zu {client} als"},
    "continue": {"en": "Continue", "de": "Weiter"},
    "as": {"en": " as {name}", "de": " als {name}"},
    "chosen": {"en": "your choice", "de": "Ihre Wahl"},
    "nobody": {"en": "There is nobody yet", "de": "Es ist noch niemand da"},
    "nobody_why": {
        "en": "The persons come with the demo story. Load this page again when it has been played.",
        "de": "Die Personen kommen mit der Demo-Geschichte. Laden Sie die Seite neu, wenn sie gespielt ist.",
    },
    "refused": {"en": "This sign-in cannot go on", "de": "Diese Anmeldung geht nicht weiter"},
    "refused_lede": {
        "en": "Nobody was signed in. Go back to Tandem and start again.",
        "de": "Niemand wurde angemeldet. Gehen Sie zurück zu Tandem und beginnen Sie neu.",
    },
    "refused_why": {"en": "For whoever connects a client:", "de": "Für alle, die einen Client anbinden:"},
    "signed_out": {"en": "You are signed out", "de": "Sie sind abgemeldet"},
    "signed_out_lede": {"en": "You may close this page.", "de": "Sie können diese Seite schließen."},
}
