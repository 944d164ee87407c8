"""Form bodies as they came."""

from __future__ import annotations

from starlette.requests import Request

_KIND = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> list[tuple[str, str]]:
    """The fields of a form in order, repeated ones too; none where the body is no form of texts."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        return []
    form = await request.form()
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
