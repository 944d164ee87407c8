"""The service over HTTP, in the name of whoever's token is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn

import httpx2
import typer

Url = Annotated[str, typer.Option(envvar="TANDEM_PEOPLE_URL", help="Where the service people listens.")]
Token = Annotated[
    str, typer.Option(envvar="TANDEM_TOKEN", help="In whose name: an API key or an access token.", show_default=False)
]
UNUSABLE = 2  # exit code: nothing could be done
_SECONDS = 60


def fail(message: str) -> NoReturn:
    """End the program with this on standard error."""
    typer.echo(message, err=True)
    raise typer.Exit(UNUSABLE)


@dataclass(frozen=True, slots=True)
class Service:
    """The service `people` at an address; anything but success ends the program with what the service says."""

    url: str
    token: str

    def asked(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """A successful answer; ``path`` may be a whole address that the service served."""
        url = path if path.startswith("http") else f"{self.url.rstrip('/')}{path}"
        headers: Mapping[str, str] = request.pop("headers", {})
        if self.token:
            headers = {**headers, "Authorization": f"Bearer {self.token}"}
        try:
            answer = httpx2.request(method, url, timeout=_SECONDS, headers=headers, **request)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            fail(f"{url} does not answer: {error}")
        if not answer.is_success:
            fail(_problem(answer))
        return answer

    def all(self, path: str) -> Iterator[dict[str, Any]]:
        """The items of all pages."""
        following: str | None = f"{path}{'&' if '?' in path else '?'}limit=200"
        while following:
            answer = self.asked("GET", following)
            yield from answer.json()
            following = answer.links.get("next", {}).get("url")


def _problem(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.url} answered {answer.status_code}"
