"""HTTP as every service speaks it: problems, ETags, idempotency, pages, limits, request ids."""

from services.chassis.http.application import create_app
from services.chassis.http.gate import Permitted
from services.chassis.http.pages import Page, Paged, page_of, timed_page_of
from services.chassis.http.protection import protected_read
from services.chassis.http.requests import Body, Caller, Changing, Creating, tagged

__all__ = [
    "Body",
    "Caller",
    "Changing",
    "Creating",
    "Page",
    "Paged",
    "Permitted",
    "create_app",
    "page_of",
    "protected_read",
    "tagged",
    "timed_page_of",
]
