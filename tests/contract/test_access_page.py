"""docs/access.md says who may do what, as the services have it."""

from __future__ import annotations

from pathlib import Path

from services.chassis.auth.rules_page import page


def test_the_page_of_access_rules_is_up_to_date() -> None:
    """After a change of a rule: ``tandem access > docs/access.md``."""
    assert (Path(__file__).parents[2] / "docs" / "access.md").read_text() == page()
