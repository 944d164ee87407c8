"""The routes of catalogues: which codes there are, and what they are called."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from services.chassis.errors import NotFound
from services.people.domain.catalogue import Catalogue
from services.people.http.views import CatalogueItemView, CatalogueView
from services.people.store import catalogues

_Language = Annotated[str, Query(max_length=30, description="BCP 47 tag; English where a name is missing")]


def routes() -> APIRouter:
    """The router over the catalogues."""
    router = APIRouter(prefix="/catalogues", tags=["catalogues"])

    @router.get("")
    async def list_catalogues(language: _Language = "en") -> list[CatalogueView]:
        """All catalogues."""
        return [_view(one, language) for one in catalogues().values()]

    @router.get("/{catalogue}")
    async def show_catalogue(catalogue: str, language: _Language = "en") -> CatalogueView:
        """One catalogue: ``platforms``, that skills and wishes name, or ``roles``."""
        found = catalogues().get(catalogue)
        if found is None:
            raise NotFound(f"There is no catalogue {catalogue}; there are {', '.join(catalogues())}.")
        return _view(found, language)

    return router


def _view(catalogue: Catalogue, language: str) -> CatalogueView:
    items = tuple(
        CatalogueItemView(code=item.code, name=item.name(language), about=item.meaning(language), retired=item.retired)
        for item in catalogue.items
    )
    return CatalogueView(name=catalogue.name, version=catalogue.version, languages=catalogue.languages, items=items)
