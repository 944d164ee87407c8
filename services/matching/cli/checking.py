"""``tandem matching verify``: whether a certificate proves what it claims."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from services.matching.cli.terminal import REFUSED, steps, text
from services.matching.files import Read, differences, document, read_instance
from services.matching.verification import Verdict, digest, verify

_File = Annotated[Path, typer.Argument(help="The certificate; - reads standard input.", show_default=False)]
_Instance = Annotated[
    Path | None, typer.Option("--instance", metavar="FILE", help="The instance it must be about, as `solve` reads it.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print the verdict as one JSON document.")]


def verify_file(file: _File, *, instance: _Instance = None, as_json: _Json = False) -> None:
    """Check a certificate: are the pairs allowed, are the three values theirs, and is nothing better possible?

    The check shares no code with the solver, and takes time in proportion to
    the allowed pairs. Without --instance it says nothing about where the
    instance in the certificate comes from.

    Ends with 0 where everything is proven, with 1 where anything is not, with 2
    where a file cannot be read.
    """
    with steps(3 if instance else 2, quiet=as_json) as step:
        step("reading")
        certificate = document(text(file), exact=False)
        read = None if instance is None else read_instance(text(instance))
        step("checking")
        verdict = verify(certificate)
        if verdict.accepted and read is not None:
            step("comparing the instances")
            faults = tuple(differences(certificate, read))
            verdict = Verdict(accepted=not faults, faults=faults, pairs=verdict.pairs)
    typer.echo(_as_json(verdict, certificate) if as_json else _in_words(verdict, certificate, read))
    raise typer.Exit(0 if verdict.accepted else REFUSED)


def _as_json(verdict: Verdict, certificate: dict[str, Any]) -> str:
    told: dict[str, Any] = {"accepted": verdict.accepted, "faults": verdict.faults, "pairs": verdict.pairs}
    if verdict.accepted:
        told |= {"claim": certificate["claim"], "digest": digest(certificate)}
    return json.dumps(told, ensure_ascii=False)


def _in_words(verdict: Verdict, certificate: dict[str, Any], read: Read | None) -> str:
    if not verdict.accepted:
        return "\n".join(("refused", *verdict.faults))
    claim, rows = certificate["claim"], certificate["instance"]["rows"]
    value = str if read is None else read.value
    worst = "no worst pair" if claim["worst"] is None else f"worst {value(claim['worst'])}"
    proven = f"{claim['coverage']} of {rows} rows covered, {worst}, total {value(claim['total'])}"
    return f"accepted: {proven}; {verdict.pairs:,} pairs looked at\n{digest(certificate)}"
