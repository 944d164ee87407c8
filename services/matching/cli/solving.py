"""``tandem matching solve``: the best assignment of an instance in a file, proven and checked."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from services.matching.assignment import Solution, certificate, ordered, solve
from services.matching.cli.terminal import REFUSED, fail, steps, text
from services.matching.files import Read, read_instance
from services.matching.verification import verify

_File = Annotated[Path, typer.Argument(help="The instance as JSON; - reads standard input.", show_default=False)]
_Out = Annotated[
    Path | None,
    typer.Option("--certificate", metavar="OUT", help="Where the proof goes, for `tandem matching verify`."),
]
_Seed = Annotated[
    int, typer.Option(help="Decides between assignments that are equally good; 0: low numbers and names.")
]
_Json = Annotated[bool, typer.Option("--json", help="Nothing but the answer: no progress, no summary.")]


def solve_file(file: _File, *, out: _Out = None, seed: _Seed = 0, as_json: _Json = False) -> None:
    """Find the assignment that covers most rows, then has the best worst pair, then the best total.

    FILE is JSON with "rows" that are to be covered, "columns" that cover them,
    "objective" ("maximise scores" or "minimise costs"), and one of "scores" and
    "costs" (a list of numbers for each row, null where the pair is not allowed)
    and "edges" (a list of triples of row, column and value). Rows and columns
    are numbered from 0. Optional are "capacity": {"columns": number or list},
    "forbidden_pairs", "forced_pairs", "row_classes" (1 is covered first),
    "row_names" and "column_names".

    Prints {"assignment": column or null of each row, "coverage", "worst",
    "total"} in the file's own units, after it has checked the proof.

    Ends with 0; with 2 where a file cannot be read or written, and says which
    field is wrong; with 1 where the check refuses the proof: a defect of Tandem.
    """
    began = time.perf_counter()
    with steps(4 if out else 3, quiet=as_json) as step:
        step("reading")
        read = read_instance(text(file))
        step("solving")
        solution, proof = _proven(read, seed)
        step("checking the proof")
        verdict = verify(proof)
        if not verdict.accepted:
            fail("\n".join(("The proof does not hold; please report it.", *verdict.faults)), REFUSED)
        if out is not None:
            step("writing the certificate")
            _write(out, proof)
    for remark in read.remarks:
        typer.echo(remark, err=True)
    if not as_json:
        typer.echo(_summary(read, solution, verdict.pairs, time.perf_counter() - began), err=True)
    typer.echo(_answer(read, solution))


def _proven(read: Read, seed: int) -> tuple[Solution, dict[str, Any]]:
    """The solution and its certificate.

    Rows and columns stand in the order of their names, or of their numbers without; the side is part of the name, so
    that a seed shuffles the two sides differently even where both are called the same.
    """
    instance = read.instance
    sides = {"rows": instance.rows, "columns": len(instance.capacities)}
    names = None if read.names is None else {"rows": read.names.rows, "columns": read.names.columns}
    ids = names or {side: tuple(f"{number:09}" for number in range(size)) for side, size in sides.items()}
    rows, columns = (ordered([f"{side} {one}" for one in ids[side]], seed) for side in sides)
    solution = solve(instance, row_order=rows, column_order=columns)
    return solution, certificate(instance, solution, names=names, seed=seed)


def _write(out: Path, proof: dict[str, Any]) -> None:
    try:
        out.write_text(json.dumps(proof, separators=(",", ":")), "utf-8")
    except OSError as error:
        fail(f"{out} cannot be written: {os.strerror(error.errno or 0)}.")


def _summary(read: Read, solution: Solution, pairs: int, seconds: float) -> str:
    worst = "no worst pair" if solution.worst is None else f"worst {read.value(solution.worst)}"
    covered = f"{solution.coverage} of {read.instance.rows} rows covered"
    return f"{covered}, {worst}, total {read.value(solution.total)}; proven over {pairs:,} pairs in {seconds:.2f} s"


def _answer(read: Read, solution: Solution) -> str:
    """The answer as JSON; values are written digit by digit, since a float would round them."""
    partner = [None if column < 0 else read.origin[column] for column in solution.partner.tolist()]
    worst = "null" if solution.worst is None else read.value(solution.worst)
    fields = {"assignment": json.dumps(partner), "coverage": str(solution.coverage), "worst": worst}
    fields["total"] = read.value(solution.total)
    return "{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}"
