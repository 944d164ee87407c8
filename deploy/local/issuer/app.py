"""The issuer's HTTP application: its addresses, and what it tells about itself."""

from __future__ import annotations

from functools import partial
from importlib.resources import files

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.local.issuer import authorize, exchange, leaving, pages
from deploy.local.issuer.forms import read_form
from deploy.local.issuer.guard import LoopbackOnly
from deploy.local.issuer.issuing import Issuer
from deploy.local.issuer.signing import ALGORITHM

_FILES = files("deploy.local.issuer")


def application(issuer: Issuer) -> Starlette:
    """The application over an issuer's parts."""
    routes = [
        Route("/", partial(_front, issuer)),
        Route("/.well-known/openid-configuration", partial(_configuration, issuer)),
        Route("/jwks", partial(_jwks, issuer)),
        Route("/authorize", partial(authorize.ask, issuer)),
        Route("/authorize", partial(authorize.choose, issuer), methods=["POST"]),
        Route("/token", partial(exchange.exchange, issuer), methods=["POST"]),
        Route("/logout", partial(leaving.leave, issuer), methods=["GET", "POST"]),
        Route("/style.css", partial(_file, "style.css", "text/css")),
        Route("/favicon.svg", partial(_file, "favicon.svg", "image/svg+xml")),
    ]
    if issuer.testing:
        routes.append(Route("/_rotate", partial(_rotate, issuer), methods=["POST"]))
    return Starlette(routes=routes, middleware=[Middleware(LoopbackOnly, reach=issuer.reach)])


def configuration(url: str) -> dict[str, object]:
    """The discovery document of an issuer (OpenID Connect Discovery, RFC 8414)."""
    return {
        "issuer": url,
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "jwks_uri": f"{url}/jwks",
        "end_session_endpoint": f"{url}/logout",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": True,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "scopes_supported": ["openid", "profile", "offline_access"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "sid", "name"],
        "ui_locales_supported": list(pages.LANGUAGES),
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


async def _configuration(issuer: Issuer, request: Request) -> Response:
    return JSONResponse(configuration(issuer.url))


async def _jwks(issuer: Issuer, request: Request) -> Response:
    return JSONResponse(issuer.keys.published())


async def _front(issuer: Issuer, request: Request) -> Response:
    return RedirectResponse("/.well-known/openid-configuration")


async def _file(name: str, kind: str, request: Request) -> Response:
    return Response(_FILES.joinpath(name).read_bytes(), headers=pages.headers(), media_type=kind)


async def _rotate(issuer: Issuer, request: Request) -> Response:
    keep = dict(await read_form(request)).get("keep", "yes") != "no"
    return JSONResponse({"kid": issuer.keys.rotate(keep=keep)})
