"""Promises of the catalogues that the product comes with: every code has a name in each language."""

from __future__ import annotations

import re

import pytest

from services.people.domain.catalogue import Catalogue, Item
from services.people.domain.roles import RoleName
from services.people.store import catalogues

CODE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")


@pytest.mark.parametrize("catalogue", catalogues().values(), ids=lambda one: one.name)
def test_catalogue_is_complete(catalogue: Catalogue) -> None:
    """Codes are unique and well formed; German and English names are there, and none is empty."""
    codes = [item.code for item in catalogue.items]

    assert len(set(codes)) == len(codes)
    assert all(CODE.fullmatch(code) for code in codes)
    assert {"de", "en"} <= set(catalogue.languages)
    assert all(name.strip() for item in catalogue.items for name in (*item.names.values(), *item.about.values()))


def test_roles_of_the_catalogue_are_those_there_are() -> None:
    """Each role is explained in both languages, and no other one."""
    roles = catalogues()["roles"]

    assert [item.code for item in roles.items] == list(RoleName)
    assert all(item.meaning("de") and item.meaning("en") for item in roles.items)


def test_name_comes_in_the_language_asked_for_or_in_english() -> None:
    """A region does not matter; what nobody translated is English; what is retired is not chosen."""
    item = Item("x", {"de": "Eks", "en": "Ex"}, {}, retired=True)

    assert [item.name(language) for language in ("de", "de-AT", "en", "fr")] == ["Eks", "Eks", "Ex", "Ex"]
    assert item.meaning("de") == ""
    assert Catalogue("c", 1, (item, Item("y", {"en": "Why"}, {}))).chosen == {"y"}
