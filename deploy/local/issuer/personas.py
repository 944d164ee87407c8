"""The persons of the demo, whom the issuer signs in at the press of a button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

Words = Mapping[str, str]  # language (de, en) → text


@dataclass(frozen=True, slots=True)
class Persona:
    """What the sign-in page says of a person, and the claims of her tokens beside the issuer's own.

    ``line`` and ``stage`` are texts by language: what she does, and when in the story she has something to do.
    Who is not ``active`` any more cannot sign in, and tokens of hers are not renewed.
    """

    name: str
    line: Words
    stage: Words = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    active: bool = True


_FILE = TypeAdapter(dict[str, Persona])


class Personas:
    """The personas of a JSON file, login → persona, in the file's order; read anew each time.

    There are none while the file is missing, since the story may write it after the issuer has started.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def active(self) -> Mapping[str, Persona]:
        """Those who may sign in, by login. Raises ``ValueError`` where the file holds no personas."""
        try:
            read = _FILE.validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        return {login: persona for login, persona in read.items() if persona.active}

    def find(self, login: str) -> Persona | None:
        """The person of this login, where she may sign in."""
        return self.active().get(login)


def write_personas(file: Path, personas: Mapping[str, Persona]) -> None:
    """Let the file appear complete or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(file.name + ".partial")
    partial.write_bytes(_FILE.dump_json(dict(personas), indent=1))
    partial.replace(file)


def in_language(words: Words, language: str) -> str:
    """The text in a language, else in English, else in any."""
    texts: Sequence[str] = [*words.values(), ""]
    return words.get(language) or words.get("en") or texts[0]
