"""What forms send: texts by name, the command's own id, and which state of the record its sender saw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from services.portal.clients.answers import Change, Refusal
from services.portal.pages.refusals import told
from services.portal.pages.translations import Language

_ID = re.compile(r"[\x21-\x7e]{1,64}")
_VERSION = re.compile(r"[0-9]{1,18}")
_FIELDS = 2000


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent."""

    name: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it was sent; a name that was not sent is an empty text or an empty list."""

    data: FormData = field(repr=False)
    files: Mapping[str, Sent] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """The text under this name, without blanks around it; its lines end as services keep them."""
        value = self.data.get(name)
        return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""

    def all(self, name: str) -> list[str]:
        """All texts under this name, as check boxes send them."""
        return [value for value in self.data.getlist(name) if isinstance(value, str)]

    def file(self, name: str) -> Sent | None:
        """The file under this name, if one was chosen."""
        return self.files.get(name)

    @property
    def command_id(self) -> str:
        """The name of this command; the same for a form that is sent twice, empty for one that no page of ours made."""
        found = self["command_id"]
        return found if _ID.fullmatch(found) else ""

    @property
    def change(self) -> Change:
        """The circumstances of the command."""
        seen = self["seen"]
        return Change(self.command_id, int(seen) if _VERSION.fullmatch(seen) else None)

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """All texts as they were sent, so that a page can keep them."""
        return [(name, text) for name, text in self.data.multi_items() if isinstance(text, str) and name not in without]

    def errors_of(self, refusal: Refusal, language: Language) -> Mapping[str, str]:
        """What to correct, by the ids of inputs; what belongs to none of them leads to the whole page."""
        named = {pointer.rpartition("/")[2]: detail for pointer, detail in refusal.fields.items()}
        found = {name: told(refusal, language, detail) for name, detail in named.items() if name in self.data}
        return found or {"main": told(refusal, language)}


async def read_form(request: Request) -> Form:
    """The form of a request; the body limit holds for it too."""
    async with request.form(max_files=1, max_fields=_FIELDS) as data:
        uploads = [(name, value) for name, value in data.multi_items() if isinstance(value, UploadFile)]
        return Form(data, {name: Sent(one.filename, await one.read()) for name, one in uploads if one.filename})
