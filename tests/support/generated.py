"""Generated requests to a service, by callers of every role; what it answers is remembered, so that they can hit."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast
from urllib.parse import urlencode

import httpx2
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import integers
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

CONFIG = {
    "generation": {"with-security-parameters": False, "allow-x00": False},
}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    allow_header_conformance,
]
Sense = Callable[[dict[str, Any], int], None]
Aims = Mapping[str, Mapping[str, Sequence[str]]]
_SEED = 20260401
_SINGULAR = {"people": "person", "subsidiaries": "subsidiary", "service-accounts": "account"}
_PARAMETER = re.compile(r"\{(\w+)\}")
_LONGEST = 32_768  # bytes of a query: who has read 64 KiB of a head hangs up, at times before the answer is read


@dataclass(slots=True)
class Known:
    """What there is in a service, by the names of path parameters, as its answers have told."""

    names: frozenset[str]
    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    asked: Counter[str] = field(default_factory=Counter)

    def learn(self, path: str, answer: Any) -> None:
        """Note the ids in an answer; a bare ``id`` is one of what the path is about."""
        match answer:
            case list():
                for one in answer:
                    self.learn(path, one)
            case dict():
                for name, value in answer.items():
                    if name == "id":
                        self._note(_about(path), value)
                    elif name in self.names:
                        self._note(name, value)
                    else:
                        self.learn(path, value)

    def _note(self, name: str, value: Any) -> None:
        if isinstance(value, str) and value not in self.ids[name]:
            self.ids[name].append(value)

    def some(self, name: str) -> str | None:
        """One of what there is, another one each time; None where there is nothing."""
        ids = self.ids.get(name)
        self.asked[name] += 1
        return ids[self.asked[name] % len(ids)] if ids else None


def _about(path: str) -> str:
    """The name of the parameter that stands for one of what this path lists: ``/v1/people`` is about ``person_id``."""
    last = ["", *(part for part in path.split("/") if part and not part.startswith("{"))][-1]
    return f"{_SINGULAR.get(last, last.removesuffix('s'))}_id"


def _named_by(operation: Any) -> Iterator[str]:
    """The names of an operation's path and query parameters."""
    yield from _PARAMETER.findall(operation.path)
    yield from (parameter.name for parameter in operation.query)


def _fits(case: Any) -> bool:
    return len(urlencode(case.query or {}, doseq=True)) <= _LONGEST


class Asking:
    """Asks one service as each of ``callers``: their names, and what they send as ``Authorization``.

    As the ``insider``, who may do everything, it asks for what there is, with bodies that make ``sense``: by operation
    a change of the generated body, since a document cannot say what time it is or which companies there are.
    ``aims`` are ids by parameter by operation, for those that succeed on some of what there is only.
    """

    def __init__(
        self,
        service: str,
        address: str,
        callers: Mapping[str, str | None],
        *,
        insider: str,
        sense: Mapping[str, Sense],
        aims: Aims,
    ) -> None:
        self.service = service
        config = schemathesis.Config.from_dict(CONFIG)
        api = schemathesis.openapi.from_url(f"{address}/openapi.json", config=config)
        self.operations: list[Any] = [cast(Any, found).ok() for found in api.get_all_operations()]
        self.statuses: dict[str, dict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
        self._known = Known(frozenset(name for one in self.operations for name in _named_by(one)))
        self._insider = insider
        self._callers = callers
        self._sense = sense
        self._aims = aims
        self._http = httpx2.Client(base_url=address, headers={"Authorization": callers[insider] or ""})
        self._numbers = count()

    def there_is(self, *answers: Any) -> None:
        """Note the ids in these, as if they were answers."""
        for answer in answers:
            self._known.learn("/", answer)

    def close(self) -> None:
        """Close the client."""
        self._http.close()

    def as_documented(self, operation: Any, examples: int) -> None:
        """Ask once as every caller, and in half of the ``examples`` as the insider, with what the document allows."""
        others = [name for name in self._callers if name != self._insider]
        callers = [name for one in others for name in (one, self._insider)] * examples
        self._ask(operation, GenerationMode.POSITIVE, callers[: max(examples, 2 * len(others))])

    def against_the_document(self, operation: Any, examples: int) -> None:
        """Ask as the insider, with what the document does not allow."""
        if operation.body or operation.query:
            self._ask(operation, GenerationMode.NEGATIVE, [self._insider] * examples)

    def succeeded(self, operation: Any) -> bool:
        """Whether a request for it has done what it was for."""
        return any(status < 300 for status in self.statuses[operation.label][self._insider])

    def _ask(self, operation: Any, mode: GenerationMode, callers: Sequence[str]) -> None:
        """Raises what is wrong with an answer. The same requests in each run."""

        @seed(_SEED)
        @settings(
            max_examples=len(callers),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(
            case=operation.as_strategy(generation_mode=mode).filter(_fits),
            again=integers(),  # also where there is one case only
        )
        def asking(case: Any, again: int) -> None:
            number = next(self._numbers)
            self._one(case, callers[number % len(callers)], number, hit=mode is GenerationMode.POSITIVE)

        asking()

    def _one(self, case: Any, caller: str, number: int, *, hit: bool) -> None:
        if hit and caller == self._insider:
            self._hit(case, number)
        authorization = self._callers[caller]
        headers = {"Authorization": authorization} if authorization else {}
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        self.statuses[case.operation.label][caller][answer.status_code] += 1
        if answer.status_code in {200, 201} and "json" in str(answer.headers.get("content-type")):
            self._known.learn(case.operation.path, answer.json())

    def _hit(self, case: Any, number: int) -> None:
        """Name what there is, in the version that there is, under a key of its own."""
        aims = self._aims.get(case.operation.label, {})
        for name in case.path_parameters:
            if name in aims:
                case.path_parameters[name] = aims[name][number // 2 % len(aims[name])]
            else:
                case.path_parameters[name] = self._known.some(name) or case.path_parameters[name]
        for name in case.query:
            aimed = aims[name][number // 2 % len(aims[name])] if name in aims else self._known.some(name)
            case.query[name] = aimed or case.query[name]
        if case.method == "POST":
            case.headers["Idempotency-Key"] = f"key-{number}"
        if case.method != "GET" and (tag := self._tag(case.formatted_path)):
            case.headers["If-Match"] = tag
        if isinstance(case.body, dict) and (sense := self._sense.get(case.operation.label)):
            sense(case.body, number)

    def _tag(self, path: str) -> str | None:
        """The newest version of what the request is about: the nearest resource above that has one."""
        parts = path.split("/")
        for end in range(len(parts), 2, -1):
            if tag := self._http.get("/".join(parts[:end])).headers.get("etag"):
                return str(tag)
        return None
