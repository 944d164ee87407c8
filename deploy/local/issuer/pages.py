"""The issuer's pages: German or English, without JavaScript, with a policy that lets nothing in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from deploy.local.issuer.authorization import Asked
from deploy.local.issuer.issuing import Issuer
from deploy.local.issuer.personas import in_language
from deploy.local.issuer.words import LANGUAGES, NAME, WORDS

__all__ = ["LANGUAGES", "NEVER_KEPT", "headers", "language_of", "personas", "refused", "signed_out"]

NEVER_KEPT = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_TEMPLATES = Environment(
    loader=PackageLoader("deploy.local.issuer"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def personas(request: Request, issuer: Issuer, asked: Asked) -> Response:
    """The page that asks who one is; whoever ``login_hint`` names stands first."""
    language = _language(request)
    hinted = asked.parameters.get("login_hint")
    known = sorted(issuer.personas.active().items(), key=lambda item: item[0] != hinted)  # keeps the file's order
    shown = [
        {
            "login": login,
            "name": persona.name,
            "line": in_language(persona.line, language),
            "stage": in_language(persona.stage, language),
            "hinted": login == hinted,
        }
        for login, persona in known
    ]
    where = urlsplit(asked.redirect_uri)
    return _page(
        request,
        "personas.html",
        form_action=f"'self' {where.scheme}://{where.netloc}",
        personas=shown,
        parameters=asked.parameters,
        client=asked.client.name,
    )


def refused(request: Request, why: str, status: int = 400) -> Response:
    """A page that sends the browser nowhere; ``why`` is for whoever connects a client."""
    return _page(request, "refused.html", status=status, why=why)


def signed_out(request: Request) -> Response:
    """The page after a sign-out that names no address to go on to."""
    return _page(request, "signed_out.html")


def headers(form_action: str = "'none'") -> dict[str, str]:
    """The headers of every page; the referrer stays within the origin, or a form would not say where it comes from."""
    policy = f"default-src 'none'; style-src 'self'; img-src 'self'; form-action {form_action}"
    return {
        "Content-Security-Policy": f"{policy}; base-uri 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }


def language_of(wanted: str, accepted: str) -> str:
    """The first of our languages in ``ui_locales`` (in order), else the best of ``Accept-Language``, else English."""
    tags = [*wanted.split(), *(tag for _, tag in sorted(map(_weighed, accepted.split(",")), key=lambda one: -one[0]))]
    return next((tag[:2].lower() for tag in tags if tag[:2].lower() in LANGUAGES), "en")


def _weighed(entry: str) -> tuple[float, str]:
    tag, _, quality = entry.strip().partition(";q=")
    try:
        return float(quality or 1), tag
    except ValueError:
        return 0.0, tag


def _language(request: Request) -> str:
    return language_of(request.query_params.get("ui_locales", ""), request.headers.get("accept-language", ""))


def _page(
    request: Request, template: str, *, status: int = 200, form_action: str = "'none'", **shown: Any
) -> HTMLResponse:
    language = _language(request)
    words = {name: text[language] for name, text in WORDS.items()}
    others = {other: _in(request.query_params, other) for other in LANGUAGES if other != language}
    told = {"service": NAME, "words": words, "language": language, "others": others, **shown}
    return HTMLResponse(_TEMPLATES.get_template(template).render(told), status, headers(form_action))


def _in(parameters: Mapping[str, str], language: str) -> str:
    """The query that shows the same page in another language."""
    return "?" + urlencode({**parameters, "ui_locales": language})
