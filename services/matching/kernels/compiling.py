"""How the kernels are compiled: once, ahead of the first request, for every processor of the kind.

numba keeps what it compiled, but by itself only asks whether the file of the compiled function has changed,
not whether one that it calls has. Here all kernels are stale as soon as one of their files has another text.
So they are under another numba, or on another kind of processor.
Compiled code lies beside the sources, where an image can ship it and nobody needs to write.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba import config, njit
from numba.core.caching import InTreeCacheLocator

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")
_HERE = Path(__file__).parent
_WITH = f"numba {numba.__version__} on {platform.machine()}".encode()
_SOURCES = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(_HERE.glob("*.py"))) + _WITH).hexdigest()
_SHIPPED = _HERE / "__pycache__" / f"compiled-{_SOURCES[:16]}"
_COMPLETE = _SHIPPED / "complete"

# The kernels wait for memory, they do not calculate: what one processor can do more than its kin gains nothing.
vars(config).update(CPU_NAME="generic", CPU_FEATURES="", CACHE_LOCATOR_CLASSES=f"{__name__}.KernelFolder")


class KernelFolder(InTreeCacheLocator):
    """Where compiled kernels lie: beside their sources, or in the user's temporary folder where that is read-only."""

    def __init__(self, function: Callable[..., Any], file: str) -> None:
        super().__init__(function, file)  # type: ignore[no-untyped-call]  # numba tells few types
        self._cache_path = str(_folder())

    def get_source_stamp(self) -> str:
        """All sources together: a kernel holds the code of those that it calls."""
        return _SOURCES

    @classmethod
    def from_function(cls, function: Callable[..., Any], file: str) -> KernelFolder:
        """The folder of any kernel."""
        return cls(function, file)


def compiled(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """A kernel: compiled for the types it is first called with, or read from what was compiled before."""
    return cast("Callable[_Parameters, _Result]", njit(cache=True, nogil=True, boundscheck=False)(function))


def note_complete() -> None:
    """Record that every kernel lies compiled beside its source, so that the folder need not be writable any more.

    What was compiled from other sources is removed.
    """
    if _folder() == _SHIPPED and not _COMPLETE.exists():
        _COMPLETE.touch()
        for other in _SHIPPED.parent.glob("compiled-*"):
            if other != _SHIPPED:
                shutil.rmtree(other, ignore_errors=True)


def forget() -> None:
    """Remove what was compiled before, so that it is compiled anew when it is called next; a file may be damaged."""
    for kept in [_COMPLETE, *_folder().glob("*.nb[ic]")]:
        kept.unlink(missing_ok=True)


@cache
def _folder() -> Path:
    if _COMPLETE.exists():
        return _SHIPPED
    try:
        _SHIPPED.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=_SHIPPED).close()
    except OSError:
        return own_folder(Path(tempfile.gettempdir()))
    return _SHIPPED


def own_folder(parent: Path) -> Path:
    """A folder for this user's kernels that nobody else can write into: what is read from it is run."""
    own = parent / f"tandem-kernels-{os.getuid()}"
    own.mkdir(mode=0o700, exist_ok=True)
    found = own.lstat()
    if found.st_uid == os.getuid() and not found.st_mode & 0o022 and not own.is_symlink():
        return own
    return Path(tempfile.mkdtemp(prefix="tandem-kernels-", dir=parent))
