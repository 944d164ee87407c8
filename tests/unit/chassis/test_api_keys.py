"""API keys: nobody can guess one, a typing error is seen at once, and what is kept opens nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.auth import api_keys
from services.chassis.auth.api_keys import (
    Digest,
    Peppers,
    digest,
    digested,
    matches,
    new_key,
    parse,
    peppers_from,
)

PEPPERS = Peppers({1: b"1" * 32})
SECRET = "a" * 64


def test_a_new_key_is_read_back_as_it_was_made() -> None:
    """And has the form that scanners for leaked keys look for."""
    key = new_key()
    assert parse(key.text) == (key.id, key.secret)
    prefix, id, secret, checksum = key.text.split("_")
    assert (prefix, len(id), len(secret), len(checksum)) == ("tdm", 12, 64, 8)


def test_no_two_keys_are_alike() -> None:
    """Neither in their ids nor in their secrets."""
    keys = [new_key() for _ in range(1000)]
    assert len({key.id for key in keys}) == len({key.secret for key in keys}) == 1000


def test_secrets_do_not_show_where_objects_are_shown() -> None:
    """Logs and tracebacks print objects."""
    key = new_key()
    kept = digested(PEPPERS, key)
    shown = f"{key!r} {kept!r} {PEPPERS!r}"
    assert key.id in shown
    assert not any(secret in shown for secret in (key.secret, kept.value, "1" * 32))


@given(st.integers(0, 84), st.sampled_from("0123456789abcdef_"))
def test_one_wrong_character_is_seen_without_asking_anybody(place: int, instead: str) -> None:
    """The checksum tells."""
    text = new_key().text
    at = 4 + place % (len(text) - 4)
    wrong = text[:at] + instead + text[at + 1 :]
    assert wrong == text or parse(wrong) is None


@given(st.text())
def test_any_text_is_a_key_or_none(text: str) -> None:
    """Never an error."""
    assert parse(text) is None
    assert parse(f"tdm_{text}") is None


WRITTEN = f"tdm_{'0' * 12}_{'0' * 64}_{api_keys._checksum('0' * 12, '0' * 64)}"


@pytest.mark.parametrize(
    "text",
    [WRITTEN.upper(), f"{WRITTEN}\n", f" {WRITTEN}", WRITTEN[:-1], f"{WRITTEN}0", WRITTEN.replace("0", "\u0660")],
)
def test_a_key_is_taken_exactly_as_it_was_shown(text: str) -> None:
    """Or not at all."""
    assert parse(WRITTEN)
    assert parse(text) is None


def test_only_the_right_secret_under_the_right_id_matches() -> None:
    """A digest that is moved to another key opens nothing."""
    key, other = new_key(), new_key()
    kept = digested(PEPPERS, key)
    assert matches(PEPPERS, key.id, key.secret, kept)
    assert not matches(PEPPERS, key.id, other.secret, kept)
    assert not matches(PEPPERS, other.id, key.secret, kept)
    assert not matches(PEPPERS, key.id, "", kept)


def test_an_unknown_id_is_checked_all_the_same_and_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With as much work, so that nobody learns from the time which ids there are."""
    made: list[bytes] = []

    def counted(pepper: bytes, id: str, secret: str) -> str:
        made.append(pepper)
        return digest(pepper, id, secret)

    monkeypatch.setattr(api_keys, "digest", counted)
    for kept in (None, Digest(SECRET, 9)):
        assert not matches(PEPPERS, "0" * 12, SECRET, kept)
    assert len(made) == 2


def test_what_is_kept_opens_nothing_without_the_pepper() -> None:
    """A stolen database is not enough; nor is the digest itself a secret of the key."""
    key = new_key()
    kept = digested(PEPPERS, key)
    assert key.secret not in kept.value
    assert not matches(Peppers({1: b"2" * 32}), key.id, key.secret, kept)
    assert not matches(Peppers({}), key.id, key.secret, kept)
    assert not matches(PEPPERS, key.id, kept.value, kept)


def test_peppers_are_changed_without_breaking_keys() -> None:
    """New digests are made with the newest version; old ones match as long as theirs is there."""
    key = new_key()
    old = digested(PEPPERS, key)
    both = Peppers({1: b"1" * 32, 2: b"2" * 32})
    new = digested(both, key)
    assert (old.pepper, new.pepper) == (1, 2)
    assert matches(both, key.id, key.secret, old)
    assert matches(both, key.id, key.secret, new)
    assert not matches(Peppers({2: b"2" * 32}), key.id, key.secret, old)


def test_without_a_pepper_no_key_can_be_made() -> None:
    """The message says what to set."""
    with pytest.raises(ValueError, match="no pepper"):
        digested(Peppers({}), new_key())


def test_the_digest_is_what_the_standard_says() -> None:
    """HMAC-SHA-256, so that other programs can make it too."""
    pepper = bytes.fromhex("0b" * 20)
    assert digest(pepper, "id", "secret") == "f29d592b79ba37c2bda6dfbede2db6f29fdee6daf2a87bd346ba20b2fc1a6073"


@pytest.mark.parametrize("text", ["", " "])
def test_there_may_be_no_pepper(text: str) -> None:
    """Where nobody uses API keys."""
    assert peppers_from(text).newest is None


def test_peppers_are_read_with_their_versions() -> None:
    """In any order; the highest version is the newest."""
    peppers = peppers_from(f"2:{'22' * 32}, 10:{'AA' * 64},1:{'11' * 32}")
    assert peppers.newest == 10
    assert peppers.by_version == {2: b"\x22" * 32, 10: b"\xaa" * 64, 1: b"\x11" * 32}


@pytest.mark.parametrize(
    "text",
    ["x", "1:", "1:aa", f"0:{SECRET}", f"-1:{SECRET}", SECRET, f"1:{SECRET},", f"1:{SECRET}a", f"1:{SECRET},1:{SECRET}",
     f"1:{'g' * 64}", f"1 {SECRET}", f"1:{SECRET}zz"],
)  # fmt: skip
def test_a_pepper_that_cannot_be_used_is_refused_without_being_shown(text: str) -> None:
    """The message names its place."""
    with pytest.raises(ValueError, match=r"^pepper [12]:") as wrong:
        peppers_from(text)
    assert SECRET not in str(wrong.value)
