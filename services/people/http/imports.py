"""The routes of roster imports: upload, look, apply."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile

from services.chassis import mongo
from services.chassis.errors import Invalid, Refused
from services.chassis.http import Changing, Creating, Paged, Permitted, page_of, tagged_version, timed_page_of
from services.people import access
from services.people.domain.listing import Kind
from services.people.domain.reading.defused import csv_text
from services.people.domain.roster_import import Asked, Powers
from services.people.handlers import ImportHandlers, Upload
from services.people.http.import_views import Application, AsOf, ChangeView, ImportView, MappingView, Text, view
from services.people.mappings import shipped
from services.people.store import Stored, stored

_FILE = {"schema": {"type": "string", "format": "binary"}}
_PARTS = {"type": "object", "required": ["file"], "properties": {"file": _FILE["schema"], "mapping": _FILE["schema"]}}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": _FILE, "multipart/form-data": {"schema": _PARTS}},
    }
}
_FAULTS = ("rejected", "conflicts", "failed")


class NotCsv(Refused):
    """The roster says of itself that it is something else."""

    status = 415
    kind = "not-csv"
    title = "A roster is a CSV file"
