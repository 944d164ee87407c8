"""How long files and functions may be, and how much a function may be told without names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.sources import Source

FILE = 400  # lines
FUNCTION = 50  # lines of its own: a function inside another is measured by itself
POSITIONAL = 5  # parameters besides self
_VERBS = {"get", "post", "put", "patch", "delete"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def too_large(sources: Iterable[Source]) -> Iterator[str]:
    """Files and functions over their size."""
    for source in sources:
        lines = len(source.text.splitlines())
        if lines > FILE:
            yield source.at(source.tree, f"{lines} lines, at most {FILE}")
        for function in _functions(source.tree):
            length = own_length(function)
            if length > FUNCTION:
                yield source.at(function, f"{function.name} has {length} lines, at most {FUNCTION}")
            if positional(function) > POSITIONAL and not _is_route(function):
                yield source.at(function, f"{function.name} takes more than {POSITIONAL} parameters without names")


def own_length(function: Function) -> int:
    """Lines from ``def`` to the end, less those of functions inside, decorators included."""
    inside = [inner for child in ast.iter_child_nodes(function) for inner in _outermost(child)]
    return _length(function, function.lineno) - sum(_length(inner, _first_line(inner)) for inner in inside)


def positional(function: Function) -> int:
    """Parameters that may be given without their name, not counting ``self`` or ``cls``."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _outermost(node: ast.AST) -> Iterator[Function]:
    if isinstance(node, Function):
        yield node
    else:
        for child in ast.iter_child_nodes(node):
            yield from _outermost(child)


def _length(function: Function, first: int) -> int:
    return (function.end_lineno or first) - first + 1


def _first_line(function: Function) -> int:
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])


def _is_route(function: Function) -> bool:
    """Whether FastAPI calls it, which names every parameter."""
    calls = [decorator.func for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr in _VERBS for call in calls)
