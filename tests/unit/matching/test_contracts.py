"""Promises of what `matching` reads."""

from __future__ import annotations

from services.matching import contracts


def test_profile_of_somebody_without_dates_is_read_like_any_other() -> None:
    """Points are counted from skills, wishes and languages; no date is needed for them."""
    said = {"person_id": "p", "skills": [{"platform": "tiktok", "level": 4}], "wishes": [], "languages": ["de"]}

    read = {type_: model.model_validate({**said, "capacity": 2}) for type_, model in contracts.OF_PROFILES.items()}

    assert set(read) == {"org.tandem.profiles.person.v1", "org.tandem.profiles.person.v2"}
    assert len(set(map(str, read.values()))) == 1
