"""Templates with everything that all pages have: language, formats, assets, navigation, the policy's nonce."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, PackageLoader, select_autoescape

from services.portal.pages.formats import Formats
from services.portal.pages.row_reasons import told
from services.portal.pages.translations import PSEUDO, Language, languages

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the navigation; ``text`` is English, translated when shown; ``roles`` empty: for everybody.

    ``executives``: whether those see it who get a mentor and cannot be one. ``part`` names pages elsewhere that belong
    to it, by the third part of their paths.
    """

    path: str
    text: str
    roles: frozenset[str] = frozenset()
    executives: bool = True
    part: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page: what the shell and the formats need of her."""

    id: str
    name: str
    zone: str = "UTC"
    company: str = ""
    roles: frozenset[str] = frozenset()
    executive: bool = False

    def sees(self, item: Item) -> bool:
        """Whether the navigation offers this to her."""
        return (not item.roles or bool(item.roles & self.roles)) and (item.executives or not self.executive)


@dataclass(frozen=True, slots=True)
class Look:
    """What one request's page depends on beside its own content."""

    language: Language
    nonce: str
    path: str
    query: str = ""
    viewer: Viewer | None = None
    signed_in: bool = False

    @property
    def formats(self) -> Formats:
        """Dates and numbers for who looks."""
        return Formats(self.language.locale, _zone(self.viewer.zone if self.viewer else "UTC"))


class Renderer:
    """Makes pages; ``help`` names whom to ask.

    ``development`` knows the pseudo-language, which nobody is offered, and shows the demo's strip.
    """

    def __init__(self, assets: Mapping[str, str], *, help: str, development: bool, nav: Sequence[Item]) -> None:
        self._assets = assets
        self._help = help
        self._development = development
        self._nav = nav
        self.languages = languages()
        if not development:
            self.languages.pop(PSEUDO)
        self._environments = {code: self._environment(one) for code, one in self.languages.items()}

    def page(self, template: str, look: Look, content: Mapping[str, Any]) -> str:
        """The page as HTML."""
        environment = self._environments[look.language.code]
        shared = {
            "nonce": look.nonce,
            "viewer": look.viewer,
            "signed_in": look.signed_in,
            "f": look.formats,
            "nav": list(self._navigation(look)),
            "others": [one for code, one in self.languages.items() if code not in (look.language.code, PSEUDO)],
            "here_url": _encoded(look.path, look.query),
        }
        return environment.get_template(template).render({**shared, **content})

    def _navigation(self, look: Look) -> Iterable[Mapping[str, Any]]:
        viewer = look.viewer
        here = _place(look.path, self._nav)
        for item in self._nav if viewer else ():
            if viewer and viewer.sees(item):
                yield {"path": item.path, "text": look.language.text(item.text), "here": item is here}

    def _environment(self, language: Language) -> Environment:
        environment = Environment(
            loader=PackageLoader("services.portal", "templates"),
            autoescape=select_autoescape(default=True),
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.install_gettext_translations(language.texts, newstyle=True)  # type: ignore[attr-defined]
        environment.globals.update(
            lang=language,
            help=language.text(self._help) if self._help else "",
            told=lambda reason: told(reason, language),
            phrase=lambda message, **values: _phrase(language, message, values),
            demo=self._development,
            development=self._development,
            asset=lambda name: f"/static/{self._assets[name]}",
            new_command=lambda: str(uuid4()),
            ui_in_force=lambda keys, now: [one for one in keys if one.revoked_at is None and one.expires_at > now],
            ui_pairs=lambda records: [(one.id, one.name) for one in records],
            translated=lambda pairs: [(code, language.text(text)) for code, text in pairs],
        )
        return environment


def _phrase(language: Language, message: str, values: Mapping[str, object]) -> str:
    """A word of a table, or a code that no table knows: plain text, which the page escapes.

    ``_`` is for texts that stand in a template, since what it returns counts as markup.
    """
    translated = language.text(message) if message else ""
    return translated % values if values else translated


def _place(path: str, nav: Sequence[Item]) -> Item | None:
    """The entry of the navigation that a page belongs to: by its part, else by where its path begins."""
    part = path.split("/")[3:4]
    within = [item for item in nav if item.path != "/" and f"{path}/".startswith(f"{item.path}/")]
    exact = [item for item in nav if item.path == path]
    return next((item for item in nav if item.part and [item.part] == part), None) or next(iter(exact + within), None)


def _encoded(path: str, query: str) -> str:
    return quote(f"{path}?{query}" if query else path, safe="/")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _UTC


def personas(file: Path | None, language: str) -> list[Mapping[str, str]]:
    """The persons of a demo, as its story wrote them: login, name and line; none where there is no such file."""
    if file is None:
        return []
    try:
        read = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return []
    return [
        {"login": login, "name": one["name"], "line": one["line"].get(language) or one["line"].get("en", "")}
        for login, one in read.items()
        if one.get("active", True)
    ]
