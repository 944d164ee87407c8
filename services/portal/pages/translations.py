"""The portal's languages: catalogues read from ``locale/`` at the start, and a pseudo-language made from the texts.

Texts stand in English in templates and code. The pseudo-language (``en-XA``) is for looking at pages: each text is
longer by more than a third, has accents, and stands in brackets, so that a text without a catalogue shows itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LANGUAGES = ("de", "en")
PSEUDO = "en-XA"
_FOLDER = Path(__file__).parents[1] / "locale"
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]*>|&\w+;)")
_ACCENTS = str.maketrans("AEIOUYaeiouycn", "ÅËÎÕÛÝåëîõûýçñ")
_PAD = "·~·~·~ "


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the portal: what HTML calls it, how Babel formats in it, and its texts."""

    code: str
    locale: Locale
    texts: NullTranslations

    @property
    def name(self) -> str:
        """Its name in itself."""
        return "Pseudo" if self.code == PSEUDO else str(self.locale.get_language_name()).capitalize()

    def text(self, message: str) -> str:
        """The message in this language."""
        return self.texts.gettext(message)


class Pseudo(NullTranslations):
    """Makes every text conspicuous and 35 % longer; placeholders and markup stay."""

    def gettext(self, message: str) -> str:
        """The text in brackets, with accents, longer."""
        if not message.strip():
            return message
        worn = "".join(p if _KEPT.fullmatch(p) else p.translate(_ACCENTS) for p in _KEPT.split(message))
        words = len(_KEPT.sub("", message))
        return f"[{worn} {(_PAD * words)[: max(1, round(words * 0.35))]}]"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The singular or plural text, as ``gettext`` makes it."""
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        """As ``gettext``."""
        return self.gettext(message)


def languages() -> dict[str, Language]:
    """All languages by code; English needs no catalogue, since the texts stand in it."""
    return {
        "de": Language("de", Locale.parse("de_DE"), _catalogue("de")),
        "en": Language("en", Locale.parse("en_GB"), NullTranslations()),
        PSEUDO: Language(PSEUDO, Locale.parse("en_GB"), Pseudo()),
    }


def _catalogue(code: str) -> NullTranslations:
    with (_FOLDER / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def preferred(accepted: str, offered: Sequence[str] = LANGUAGES) -> str:
    """The first of the languages that a browser accepts, by its own weights; English where none fits."""
    weighted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted[:500].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), place, tag.partition("-")[0].strip().lower()))
        except ValueError:
            continue
    return next((tag for weight, _, tag in sorted(weighted) if tag in offered and weight < 0), "en")
