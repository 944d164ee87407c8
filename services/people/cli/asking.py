"""The service over HTTP, in the name of whoever's token is given."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Annotated, Any, NoReturn

import httpx2
import typer

Url = Annotated[str, typer.Option(envvar="TANDEM_PEOPLE_URL", help="Where the service people listens.")]
Token = Annotated[
    str, typer.Option(envvar="TANDEM_TOKEN", help="In whose name: an API key or an access token.", show_default=False)
]
UNUSABLE = 2  # exit code: nothing could be done
PAUSE = 0.5  # seconds between two looks
_SECONDS = 60


def fail(message: str, code: int = UNUSABLE) -> NoReturn:
    """End the program with this on standard error."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


@dataclass(frozen=True, slots=True)
class Service:
    """The service `people` at an address; anything but success ends the program with what the service says.

    While it is away or answers 503 it is asked again, for ``patience`` seconds; then the code is ``unanswered``.
    """

    url: str
    token: str
    patience: float = 0.0
    unanswered: int = UNUSABLE

    def asked(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """A successful answer; ``path`` may be a whole address that the service served."""
        url = path if path.startswith("http") else f"{self.url.rstrip('/')}{path}"
        headers: Mapping[str, str] = request.pop("headers", {})
        if self.token:
            headers = {**headers, "Authorization": f"Bearer {self.token}"}
        until = time.monotonic() + self.patience
        while True:
            try:
                answer = httpx2.request(method, url, timeout=_SECONDS, headers=headers, **request)
            except httpx2.InvalidURL as error:
                fail(f"{url} is no address: {error}")
            except httpx2.HTTPError as error:
                problem = f"{url} does not answer: {error}"
            else:
                if answer.is_success:
                    return answer
                problem = _problem(answer)
                if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
                    fail(problem)
            if time.monotonic() >= until:
                fail(problem, self.unanswered)
            Event().wait(PAUSE)

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
