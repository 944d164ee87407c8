"""Catalogues: what may be named by a code, and what a code is called in which language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Item:
    """A code with its names by language, and for those that need it a sentence that explains it.

    One that is ``retired`` keeps its name, but is not chosen any more.
    """

    code: str
    names: Mapping[str, str]
    about: Mapping[str, str]
    retired: bool = False

    def name(self, language: str) -> str:
        """Its name in this language, in the language without its region, or in English."""
        return _in(self.names, language)

    def meaning(self, language: str) -> str:
        """What it means, in this language or in English; nothing where its name says it."""
        return _in(self.about, language)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The items of one catalogue in their order; ``version`` rises with every change."""

    name: str
    version: int
    items: tuple[Item, ...]

    @property
    def chosen(self) -> frozenset[str]:
        """The codes that may be chosen."""
        return frozenset(item.code for item in self.items if not item.retired)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which every item has a name."""
        every = [set(item.names) for item in self.items]
        return tuple(sorted(set.intersection(*every))) if every else ()


def _in(texts: Mapping[str, str], language: str) -> str:
    wanted = (language, language.partition("-")[0], FALLBACK)
    return next((texts[one] for one in wanted if one in texts), "")
