"""Promises of files for spreadsheet programs: nothing that somebody wrote is evaluated."""

from __future__ import annotations

import pytest

from services.chassis.spreadsheet import csv_text


def test_text_that_begins_like_a_formula_stays_text() -> None:
    """An apostrophe tells the program so; other texts, empty cells and numbers, negative ones too, are as they were."""
    evil = '=HYPERLINK("http://x.example","y")'

    text = csv_text(["name"], [[evil], ["+1"], ["-1"], ["@x"], ["\t=1"], ["fine"], [None], [7], [-2.5]])

    cells = text.splitlines()[1:]
    assert [cell.strip('"')[:1] for cell in cells] == ["'", "'", "'", "'", "'", "f", "", "7", "-"]


@pytest.mark.parametrize("between", [";", ",", "\t", "|", "; ", ';"', "\n"])
def test_cell_holds_no_formula_behind_another_delimiter(between: str) -> None:
    """German spreadsheet programs part a line at semicolons, whatever the file means by a comma."""
    text = csv_text(["name"], [[f"Ada{between}=1+1"]])

    assert "=1+1" in text
    assert "'=1+1" in text


def test_headings_are_defused_too() -> None:
    """A question's wording may stand there."""
    assert csv_text(["Why; =1+1"], []) == "Why; '=1+1\r\n"
