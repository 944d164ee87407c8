"""Topics in code: the constants that name them, who subscribes to which, and which are never used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.architecture.sources import Source, dotted, imports
from tests.architecture.subscribers import OURS, calls

TOPIC = re.compile(r"tandem\.[a-z_]+(\.[a-z_]+)*\.v\d+")


@dataclass(frozen=True, slots=True)
class Code:
    """A tree of source files in which constants can be looked up."""

    sources: Mapping[str, Source]  # by module

    @classmethod
    def of(cls, sources: Iterable[Source]) -> Code:
        """The tree of these files."""
        return cls({source.module: source for source in sources})

    def value(self, source: Source, name: str) -> str | None:
        """The text that a dotted name stands for in this file, followed through imports and other constants."""
        first, _, rest = name.partition(".")
        if not rest and (assigned := _assigned(source).get(first)) is not None:
            if isinstance(assigned, ast.Constant):
                return assigned.value if isinstance(assigned.value, str) else None
            return self.value(source, other) if (other := dotted(assigned)) else None
        for imported in imports(source):
            if imported.name == first:
                module, _, constant = f"{imported.target}.{rest}".rstrip(".").rpartition(".")
                if module in self.sources:
                    return self.value(self.sources[module], constant)
        return None


def named(sources: Iterable[Source]) -> dict[str, list[str]]:
    """Every topic that a text constant names, with the places where it does."""
    found: dict[str, list[str]] = {}
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and TOPIC.fullmatch(node.value):
                found.setdefault(node.value, []).append(source.at(node, node.value))
    return found


def subscribed(sources: Iterable[Source]) -> dict[str, set[str]]:
    """Per service the topics it subscribes to; what cannot be read from constants appears as its source text."""
    code = Code.of(sources)
    found: dict[str, set[str]] = {}
    for source in code.sources.values():
        for call in calls(source, OURS):
            for argument in call.args[:1]:
                text = ast.unparse(argument)
                known = ast.literal_eval(argument) if isinstance(argument, ast.Constant) else None
                topic = known or code.value(source, dotted(argument)) or text
                found.setdefault(source.parts[1], set()).add(topic)
    return found


def used(sources: Iterable[Source]) -> set[str]:
    """The topics whose name is handed to something else than a manifest's ``Topic(…)`` or ``consumes``."""
    code = Code.of(sources)
    return {topic for source in code.sources.values() for topic in _used_in(code, source)}


def _used_in(code: Code, source: Source) -> Iterator[str]:
    declaring = {id(node) for call in _declarations(source.tree) for node in ast.walk(call)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and id(node) not in declaring:
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                topic = code.value(source, dotted(argument)) if dotted(argument) else None
                if topic and TOPIC.fullmatch(topic):
                    yield topic


def _declarations(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func) in {"Topic", "Service"}:
            yield node


def _assigned(source: Source) -> dict[str, ast.expr]:
    """The constants of a file: what is assigned to a plain name at its top."""
    found: dict[str, ast.expr] = {}
    for node in source.tree.body:
        if isinstance(node, ast.Assign):
            found |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found[node.target.id] = node.value
    return found
