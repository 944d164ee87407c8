"""``python -m services.portal.pages.catalogues``: bring the catalogues up to date with templates and code.

New texts come in untranslated, texts that are gone leave; nothing is ever matched by likeness.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po

PORTAL = Path(__file__).parents[1]
LOCALE = PORTAL / "locale"
_KEYWORDS = {**DEFAULT_KEYWORDS, "text": None, "say": None}
_OPTIONS = {
    "trimmed": "true",
    "silent": "false",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "newstyle_gettext": "true",
}


def catalogue_file(code: str) -> Path:
    """Where the catalogue of a language is."""
    return LOCALE / code / "LC_MESSAGES" / "messages.po"


def texts() -> Iterator[str | tuple[str, str]]:
    """Every text of templates and code, in the order of files; a pair for singular and plural."""
    for file in sorted(PORTAL.glob("templates/**/*.html")):
        yield from _found("jinja2", file, _OPTIONS)
    for file in sorted(PORTAL.rglob("*.py")):
        yield from _found("python", file, {})


def _found(method: str, file: Path, options: dict[str, str]) -> Iterator[str | tuple[str, str]]:
    for _, message, _, context in extract_from_file(method, file, keywords=_KEYWORDS, options=options):
        if context is None and message:
            yield message if isinstance(message, str) else (message[0], message[1])


def read(code: str) -> Catalog:
    """The catalogue of a language; an empty one where there is none yet."""
    file = catalogue_file(code)
    if not file.exists():
        return Catalog(locale=code, fuzzy=False)
    with file.open("rb") as opened:
        return read_po(opened, locale=code)


def updated(old: Catalog) -> Catalog:
    """A catalogue with exactly the present texts and what was translated of them."""
    new = Catalog(locale=old.locale, fuzzy=False)
    for text in texts():
        known = old.get(text[0] if isinstance(text, tuple) else text)
        new.add(text, string=known.string if known and _alike(known.id, text) else None)
    return new


def _alike(one: object, other: object) -> bool:
    return isinstance(one, str) == isinstance(other, str)


def written(catalogue: Catalog) -> bytes:
    """The catalogue as a file, without places and dates, which would change it for nothing."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, omit_header=True, no_location=True)
    plural = f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
    facts = (f"Language: {catalogue.locale}", "Content-Type: text/plain; charset=utf-8", f"Plural-Forms: {plural}")
    head = ['msgid ""', 'msgstr ""', *(f'"{fact}\\n"' for fact in facts), "", ""]
    return "\n".join(head).encode() + buffer.getvalue()


def main() -> int:
    """Write the German catalogue anew and say how many texts wait for a translation."""
    catalogue = updated(read("de"))
    catalogue_file("de").write_bytes(written(catalogue))
    waiting = [message for message in catalogue if message.id and not all(_strings(message.string))]
    sys.stdout.write(f"{len(catalogue)} texts, {len(waiting)} without a German translation\n")
    return 0


def _strings(string: object) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string) if isinstance(string, list | tuple) else ("",)


if __name__ == "__main__":
    sys.exit(main())
