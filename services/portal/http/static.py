"""The assets, under names that change with their content: browsers keep them for ever."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response

_KEPT = "public, max-age=31536000, immutable"


def routes(folder: Path, names: Mapping[str, str]) -> APIRouter:
    """The router over these files, which are read once, now."""
    router = APIRouter(include_in_schema=False)
    plain = {name: (folder / name).read_bytes() for name in names.values()}
    packed = {name: (folder / f"{name}.gz").read_bytes() for name in names.values()}

    @router.get("/static/{name}")
    async def asset(name: str, request: Request) -> Response:
        if name not in plain:
            raise HTTPException(404)
        headers = {"Cache-Control": _KEPT, "Vary": "Accept-Encoding"}
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed[name], headers={**headers, "Content-Encoding": "gzip"}, media_type=kind)
        return Response(plain[name], headers=headers, media_type=kind)

    return router
