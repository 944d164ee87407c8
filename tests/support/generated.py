"""Generated requests to a service, by callers of every role; what it answers is remembered, so that they can hit."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx2
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
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
_SEED = 20260401
_SINGULAR = {"people": "person", "subsidiaries": "subsidiary", "service-accounts": "account"}
_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class Known:
    """What there is in a service, by the names of path parameters, as its answers have told."""

    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

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
                    elif name.endswith("_id"):
                        self._note(name, value)
                    else:
                        self.learn(path, value)

    def _note(self, name: str, value: Any) -> None:
        if isinstance(value, str) and value not in self.ids[name]:
            self.ids[name].append(value)

    def some(self, name: str, number: int) -> str | None:
        """One of what there is, another one for another number; None where there is nothing."""
        ids = self.ids.get(name)
        return ids[number % len(ids)] if ids else None


def _about(path: str) -> str:
    """The name of the parameter that stands for one of what this path lists: ``/v1/people`` is about ``person_id``."""
    last = [part for part in path.split("/") if part and not part.startswith("{")][-1]
    return f"{_SINGULAR.get(last, last.removesuffix('s'))}_id"


class Asking:
    """Asks one service, in turn as each of ``callers``: their names, and what they send as ``Authorization``."""

    def __init__(self, address: str, callers: Mapping[str, str | None], known: Known, *, insider: str) -> None:
        config = schemathesis.Config.from_dict(CONFIG)
        api = schemathesis.openapi.from_url(f"{address}/openapi.json", config=config)
        self.operations: list[Any] = [found.ok() for found in api.get_all_operations()]
        self.known = known
        self.statuses: Counter[tuple[str, str, int]] = Counter()
        self._callers = list(callers.items())
        self._insider = callers[insider]
        self._http = httpx2.Client(base_url=address)
        self._numbers = count()

    def close(self) -> None:
        """Close the client."""
        self._http.close()

    def ask(self, operation: Any, mode: GenerationMode, examples: int) -> None:
        """Ask for one operation; raises what is wrong with an answer. The same requests in each run."""

        @seed(_SEED)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def asking(case: schemathesis.Case) -> None:
            number = next(self._numbers)
            name, authorization = self._callers[number % len(self._callers)]
            if mode is GenerationMode.POSITIVE and number // len(self._callers) % 2:
                self._hit(case, number)
            headers = {"Authorization": authorization} if authorization else {}
            answer = case.call_and_validate(headers=headers, checks=CHECKS)
            self.statuses[operation.label, name, answer.status_code] += 1
            if answer.status_code in {200, 201} and "json" in str(answer.headers.get("content-type")):
                self.known.learn(operation.path, answer.json())

        asking()

    def _hit(self, case: Any, number: int) -> None:
        """Name what there is, in the version that there is, under a key of its own."""
        for name in case.path_parameters:
            case.path_parameters[name] = self.known.some(name, number) or case.path_parameters[name]
        headers = {name.lower() for name in case.headers}
        if "idempotency-key" in headers or case.method == "POST":
            case.headers["Idempotency-Key"] = f"key-{number}"
        if case.method != "GET" and case.path_parameters and (tag := self._tag(case)):
            case.headers["If-Match"] = tag

    def _tag(self, case: Any) -> str | None:
        """The newest version of what the request is about: the nearest resource above that has one."""
        parts = case.formatted_path.split("/")
        for end in range(len(parts), 2, -1):
            answer = self._http.get("/".join(parts[:end]), headers={"Authorization": self._insider or ""})
            if tag := answer.headers.get("etag"):
                return str(tag)
        return None


def statuses_of(asking: Asking, caller: str, *, operations: Sequence[str] = ()) -> set[int]:
    """The statuses that a caller has got."""
    return {s for (label, name, s) in asking.statuses if name == caller and (not operations or label in operations)}
