"""What people wrote in several languages, such as a call: the passage for a reader, and which language it is in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.portal.pages.translations import Language


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage and the tag of its language; ``foreign`` where the page around it speaks another one."""

    text: str
    lang: str = ""
    foreign: bool = False

    @property
    def paragraphs(self) -> list[str]:
        """Its paragraphs, which empty lines part."""
        return [part.strip() for part in self.text.replace("\r\n", "\n").split("\n\n") if part.strip()]


def passage(texts: Mapping[str, str] | str, language: Language, order: Iterable[str] = ()) -> Passage:
    """The passage in the reader's language, else in the first language of ``order`` that has it, else in any."""
    if isinstance(texts, str):
        return Passage(texts)
    spoken = language.locale.language
    for tag in (spoken, *order, *sorted(texts)):
        if found := texts.get(tag):
            return Passage(found, tag, foreign=tag.partition("-")[0] != spoken)
    return Passage("")
