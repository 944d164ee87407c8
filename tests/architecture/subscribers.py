"""Subscribers: every option explicit in one place, named by the reaction, their promise in the docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tests.architecture.sources import Source, dotted

# option -> what must stand there; empty where the value is the service's own
OPTIONS = {
    "batch": "True",
    "max_records": "",
    "batch_timeout_ms": "",
    "max_partition_fetch_bytes": "",
    "group_id": "",
    "group_instance_id": "",
    "auto_offset_reset": "'earliest'",
    "ack_policy": "AckPolicy.NACK_ON_ERROR",
    "parser": "raw_parser",
    "decoder": "raw_decoder",
}
DECLARED_IN = "services/chassis/runtime.py"
FRAMEWORKS, OURS = "broker.subscriber", "runtime.subscriber"
PROMISES = ("ordering key", "idempotent", "parked")
_REACTION = re.compile(r"[a-z]+_(\w+_)?on_\w+")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def faulty_subscribers(sources: Iterable[Source]) -> Iterator[str]:
    """Subscribers that leave an option to chance, go round the one place, or do not say what they promise."""
    for source in sources:
        for call in calls(source, FRAMEWORKS):
            if source.path != DECLARED_IN:
                yield source.at(call, f"only {DECLARED_IN} asks FastStream; use runtime.subscriber")
            yield from (source.at(call, fault) for fault in _option_faults(call))
        yield from _undeclared(source)


def _undeclared(source: Source) -> Iterator[str]:
    decorating = {}
    for node in ast.walk(source.tree):
        if isinstance(node, Function):
            decorating |= dict.fromkeys(node.decorator_list, node)
    for call in calls(source, OURS):
        function = decorating.get(call)
        if function is None:
            yield source.at(call, "a subscriber decorates the function that is its reaction")
        else:
            yield from (source.at(function, fault) for fault in _name_faults(function))


def calls(source: Source, ending: str) -> list[ast.Call]:
    """Every call in a file of something whose dotted name ends so."""
    found = (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))
    return [call for call in found if dotted(call.func).endswith(ending)]


def _option_faults(call: ast.Call) -> Iterator[str]:
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if None in given:
        yield "options are written out, never handed on with **"
    for option, wanted in OPTIONS.items():
        if option not in given:
            yield f"option {option} is not stated"
        elif wanted and given[option] != wanted:
            yield f"option {option} must be {wanted}, not {given[option]}"


def _name_faults(function: Function) -> Iterator[str]:
    if not _REACTION.fullmatch(function.name):
        yield f"{function.name} names no reaction: <what it does>_on_<event>"
    said = (ast.get_docstring(function) or "").lower()
    for promise in PROMISES:
        if promise not in said:
            yield f"{function.name} does not say: {promise}"
