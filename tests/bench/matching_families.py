"""The families of instances that lie beside the repository; importing this fails where they do not."""

from __future__ import annotations

import importlib.util
from pathlib import Path

FILE = Path(__file__).resolve().parents[3] / "shared" / "bench" / "matching_instances.py"

_spec = importlib.util.spec_from_file_location("matching_instances", FILE)
if _spec is None or _spec.loader is None:
    raise ImportError(f"{FILE} is not here")
_families = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_families)

FORBIDDEN = _families.FORBIDDEN
programme, needy, uniform = _families.programme, _families.needy, _families.uniform
sparse_programme = _families.sparse_programme
