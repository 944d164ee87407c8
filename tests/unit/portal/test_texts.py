"""Promises of the portal's languages: every text is translated, and placeholders survive."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from services.chassis.settings import Settings
from services.portal.pages import words
from services.portal.pages.catalogues import PORTAL, catalogue_file, read, texts, updated, written
from services.portal.pages.translations import Pseudo, languages, preferred

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
_SAYING = {"text", "say", "gettext", "ngettext", "N_"}
_INFORMAL = re.compile(r"\b(du|dein\w*|dich|dir|euch)\b|!|\bleider\b|\bungültig", re.IGNORECASE)


def test_every_text_has_a_german_translation() -> None:
    """The catalogue holds exactly the texts of templates and code, none empty, none fuzzy."""
    catalogue = read("de")
    known = {message.id if isinstance(message.id, str) else tuple(message.id) for message in catalogue if message.id}
    assert known == set(texts())
    strings = {message.id: message.string for message in catalogue if message.id}
    assert [id for id, string in strings.items() if not string or not all(string)] == []
    assert [message.id for message in catalogue if message.fuzzy and message.id] == []


def _said_within_texts() -> Iterator[str]:
    """Texts to translate that stand within another string, where the catalogue's tool does not find them."""
    for file in sorted(PORTAL.rglob("*.py")):
        for outer in (one for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.JoinedStr)):
            for call in (one for one in ast.walk(outer) if isinstance(one, ast.Call) and one.args):
                name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                if name in _SAYING and isinstance(call.args[0], ast.Constant):
                    yield f"{file.name}:{call.lineno}"


def test_every_text_is_found_by_the_catalogues_tool() -> None:
    """None stands within the braces of another string: it would never be translated."""
    assert list(_said_within_texts()) == []


def test_translations_keep_their_placeholders() -> None:
    """A translation names the same values as its text, no more and no fewer."""
    for message in (one for one in read("de") if one.id):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for string, id in zip(strings, ids, strict=True):
            assert set(_PLACEHOLDER.findall(string)) == set(_PLACEHOLDER.findall(id)), id


def test_catalogue_is_as_its_tool_writes_it() -> None:
    """`make messages` would change nothing."""
    assert written(updated(read("de"))) == catalogue_file("de").read_bytes()


def test_no_page_promises_a_message_that_nothing_sends() -> None:
    """Whoever is paired is written to; of everything else the pages say where it will stand."""
    singular = [text if isinstance(text, str) else text[0] for text in texts()]
    promised = {text for text in singular if re.search(r"\b(get|gets|receives?) a (message|mail)\b", text)}
    assert {text for text in promised if "is decided by the matching" not in text} == set()


def test_germans_are_addressed_formally() -> None:
    """No translation says du, nor exclaims, nor is sorry."""
    for message in (one for one in read("de") if one.id):
        for string in message.string if isinstance(message.string, tuple) else (message.string,):
            assert not _INFORMAL.search(string), string


def _translating(file: Path) -> Iterator[nodes.Call]:
    """The calls in a template whose answer counts as markup, since its text is a translator's."""
    parsed = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(file.read_text())
    for call in parsed.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in {"_", "gettext", "ngettext"}:
            yield call


def test_only_texts_that_stand_in_a_template_count_as_markup() -> None:
    """What a variable holds may come from an address or an answer: ``phrase`` translates it, and it is escaped."""
    files = sorted((PORTAL / "templates").rglob("*.html"))
    calls = [(file.name, call) for file in files for call in _translating(file)]
    assert len(calls) > 1000
    variable = [
        f"{name}:{call.lineno}"
        for name, call in calls
        if not all(isinstance(text, nodes.Const) for text in call.args[: 2 if len(call.args) > 2 else 1])
    ]
    assert variable == []


def test_pseudo_language_is_longer_and_keeps_values() -> None:
    """Each text grows by a third and more, in brackets; placeholders and markup stay."""
    text = "Good day, %(name)s, see <b>what</b> is next"
    shown = Pseudo().gettext(text)
    assert shown.startswith("[")
    assert shown.endswith("]")
    assert len(shown) > 1.3 * len(text)
    assert "%(name)s" in shown
    assert "<b>" in shown


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.2, de;q=0.1", "en"),
        ("fr, it;q=0.9", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("", "en"),
        ("de;q=x, ;;;", "en"),
        ("de" * 4000, "en"),
    ],
)
def test_languages_go_by_the_browsers_weights(accepted: str, language: str) -> None:
    """The most wanted language that there is; English where none is."""
    assert preferred(accepted) == language


def test_whom_to_ask_is_named_in_the_readers_language() -> None:
    """As long as no operator names anybody, the words are the product's own, and translated."""
    unset = Settings.model_fields["access_contact"].default

    assert unset == words.HELP
    assert languages()["de"].text(unset) == "Ihr Programmbüro"
