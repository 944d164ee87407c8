"""Kernels are compiled ahead: once warm, nothing is compiled while somebody waits; other sources, other kernels."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

from services.matching import kernels
from services.matching.assignment import Instance, solve, warm_up, warming
from services.matching.kernels import compiling
from tests.support.matching_brute_force import Small
from tests.support.matching_instances import instance

ALL_KINDS = [
    Small([], []),
    Small([[5]], [0]),
    Small([[5, 3], [2, None], [8, 1]], [1, 1]),
    Small([[5, 3], [2, None], [8, 1]], [3, 0], [1, 2, 2]),
    Small([[2**61, -(2**61)], [0, 1], [5, 7]], [1, 1]),
    Small([[2**90, 3], [2, None]], [1, 1], [2, 1]),
    Small([[row * column for column in range(40)] for row in range(60)], [1] * 40),
]
SMALL_PACKAGE = {
    "calling.py": "from kernels.called import inner\nfrom kernels.compiling import compiled\n\n\n"
    "@compiled\ndef outer(number: int) -> int:\n    return inner(number) + 1\n",
    "called.py": "from kernels.compiling import compiled\n\n\n"
    "@compiled\ndef inner(number: int) -> int:\n    return number * 10\n",
}
ASK = "from kernels.calling import outer; print(outer(1), sum(outer.stats.cache_hits.values()))"


def dispatchers() -> Iterator[Dispatcher]:
    for module in pkgutil.iter_modules(kernels.__path__, f"{kernels.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Dispatcher):
                yield value


def compiled() -> dict[str, int]:
    """How many kinds of arguments each kernel is compiled for."""
    return {f"{one.__module__}.{one.__name__}": len(one.signatures) for one in dispatchers()}


@pytest.mark.parametrize("small", ALL_KINDS)
def test_after_the_warm_up_nothing_is_compiled(small: Small) -> None:
    """Whatever is solved, every kernel is called with the types that the warm-up called it with."""
    warm_up()
    before = compiled()
    order = np.arange(small.rows)
    solve(instance(small))
    solve(instance(small), row_order=order[::-1])
    assert compiled() == before


def test_arrays_of_another_kind_need_no_other_kernels() -> None:
    """Read-only, scattered or narrower arrays are brought into the one form that is compiled."""
    warm_up()
    before = compiled()
    scores, allowed = np.ones((2, 3), np.int32), np.ones((3, 2), np.bool_).T
    scores.flags.writeable = False
    solve(Instance.of_matrix(scores, allowed, np.ones(3, np.int32)))
    columns = np.zeros(4, np.int32)[::2]
    columns.flags.writeable = False
    solve(Instance(np.arange(3, dtype=np.int32), columns, np.arange(4)[::2], np.ones(1, np.uint8)))
    assert compiled() == before


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of two kernels, one of which calls the other, compiled as ours are."""
    folder = tmp_path / "kernels"
    folder.mkdir()
    for name, text in SMALL_PACKAGE.items():
        (folder / name).write_text(text)
    source = Path(kernels.__path__[0]) / "compiling.py"
    shutil.copy(source, folder)
    return tmp_path


def asked(package: Path, *arguments: str) -> list[int]:
    """What a new process finds: the kernel's answer, and whether it was read and not compiled."""
    done = subprocess.run(
        [*arguments, sys.executable, "-B", "-c", ASK], cwd=package, capture_output=True, text=True, check=True
    )
    return [int(word) for word in done.stdout.split()]


def test_a_second_process_reads_what_the_first_compiled(package: Path) -> None:
    """Kernels lie beside their sources."""
    assert asked(package) == [11, 0]
    assert asked(package) == [11, 1]


def test_a_kernel_is_compiled_anew_if_one_that_it_calls_has_changed(package: Path) -> None:
    """A changed text in another file is enough: what was compiled holds that file's code."""
    asked(package)
    called = package / "kernels" / "called.py"
    called.write_text(called.read_text().replace("10", "20"))
    assert asked(package) == [21, 0]


def test_compiled_code_is_only_read_from_a_folder_of_ones_own(tmp_path: Path) -> None:
    """A folder that others can write into, or a link to one, is left alone: compiled code would be run."""
    own = compiling.own_folder(tmp_path)
    assert compiling.own_folder(tmp_path) == own
    own.chmod(0o777)
    assert compiling.own_folder(tmp_path) != own
    own.rmdir()
    own.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    assert compiling.own_folder(tmp_path) not in {own, tmp_path / "elsewhere"}


DAMAGED = """
from kernels import calling, compiling
try:
    calling.outer(1)
except Exception:
    compiling.forget()
    print(calling.outer(1), sum(calling.outer.stats.cache_hits.values()))
"""


def test_damaged_file_is_compiled_anew(package: Path) -> None:
    """As a power cut may leave one; whoever comes next reads again what was compiled then."""
    asked(package)
    kept = list((package / "kernels" / "__pycache__").glob("compiled-*/*.nbi"))
    for file in kept:
        file.write_bytes(b"")
    done = subprocess.run(
        [sys.executable, "-B", "-c", DAMAGED], cwd=package, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["11", "0"]
    assert asked(package) == [11, 1]


def test_warm_up_forgets_what_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once; what breaks again is no matter of files and is told."""
    said: list[str] = []

    def call() -> None:
        said.append("called")
        if "forgotten" not in said:
            raise EOFError

    monkeypatch.setattr(warming, "_call_every_kernel", call)
    monkeypatch.setattr(warming, "forget", lambda: said.append("forgotten"))
    monkeypatch.setattr(warming, "note_complete", lambda: said.append("complete"))
    warming.warm_up()

    assert said == ["called", "forgotten", "called", "complete"]


def test_another_numba_has_folders_of_its_own(package: Path) -> None:
    """What one version compiled is nothing to another, and is not written over where nobody may write."""
    asked(package)
    [first] = (package / "kernels" / "__pycache__").glob("compiled-*")
    other = "import numba; numba.__version__ = '0.0'; from kernels.compiling import _SHIPPED; print(_SHIPPED)"
    done = subprocess.run([sys.executable, "-B", "-c", other], cwd=package, capture_output=True, text=True, check=True)

    assert Path(done.stdout.strip()) != first
