"""Source files as the rules of the architecture see them: text and syntax tree, never imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("services", "deploy")
MEASURED = (*CODE, "tests/support")


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path from the project's root, with slashes, and its text."""

    path: str
    text: str

    @property
    def module(self) -> str:
        """Its dotted name; a package's is that of its folder."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def parts(self) -> tuple[str, ...]:
        """Its dotted name in parts, ``__init__`` included."""
        return tuple(self.path.removesuffix(".py").split("/"))

    @property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return _parsed(self)

    def at(self, node: ast.AST, rule: str) -> str:
        """A violation, as a place one can click on and the rule that is broken there."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {rule}"


@dataclass(frozen=True, slots=True)
class Imported:
    """A name that a file imports, as a whole: ``from a import b`` imports ``a.b``; ``name`` is what it is called."""

    target: str
    name: str
    node: ast.AST


@cache
def _parsed(source: Source) -> ast.Module:
    return ast.parse(source.text, source.path)


def product(*folders: str) -> tuple[Source, ...]:
    """The product's files below these folders; all of ``services`` and ``deploy`` if none is named."""
    paths = sorted(path for folder in folders or CODE for path in (ROOT / folder).rglob("*.py"))
    return tuple(Source(path.relative_to(ROOT).as_posix(), path.read_text()) for path in paths)


def imports(source: Source) -> Iterator[Imported]:
    """Everything a file imports, wherever in the file, relative imports made absolute."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (Imported(alias.name, alias.asname or alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(source, node)
            yield from (Imported(f"{origin}.{alias.name}", alias.asname or alias.name, node) for alias in node.names)


def _origin(source: Source, node: ast.ImportFrom) -> str:
    base = source.parts[: -node.level] if node.level else ()
    return ".".join((*base, *([node.module] if node.module else [])))


def dotted(node: ast.AST) -> str:
    """The dotted name that an expression spells, empty where it is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value)):
        return f"{owner}.{node.attr}"
    return ""
