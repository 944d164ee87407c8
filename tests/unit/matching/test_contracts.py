"""Promises of what `matching` reads."""

from __future__ import annotations

from services.matching import contracts


def test_profile_of_somebody_without_dates_is_read_like_any_other() -> None:
    """Points are counted from skills, wishes and languages; no date is needed for them."""
    said = {"person_id": "p", "skills": [{"platform": "tiktok", "level": 4}], "wishes": [], "languages": ["de"]}

    read = {type_: model.model_validate({**said, "capacity": 2}) for type_, model in contracts.OF_PROFILES.items()}

    assert set(read) == {"org.tandem.profiles.person.v1", "org.tandem.profiles.person.v2"}
    assert len(set(map(str, read.values()))) == 1


def test_levels_video_and_half_days_are_read() -> None:
    """What is new to this reader is left out, and not held against the rest; older profiles have none of it."""
    said = {"person_id": "p", "skills": [], "wishes": [], "languages": ["de"], "capacity": 1}
    levels = [{"language": "de", "level": "C2"}, {"language": "en", "level": "C3"}, {"language": "fr", "level": "A1"}]
    half_days = ["mon_am", "sun_am", "fri_pm"]

    old, new = (
        contracts.OF_PROFILES[contracts.PROFILE].model_validate({**said, **more}).model_dump()
        for more in ({}, {"language_levels": levels, "remote": False, "availability": half_days})
    )

    assert (old["language_levels"], old["remote"], old["availability"]) == ((), None, ())
    assert new["language_levels"] == (levels[0], levels[2])
    assert (new["remote"], new["availability"]) == (False, ("mon_am", "fri_pm"))
