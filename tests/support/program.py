"""The ``tandem`` program within a test's process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog
from typer.testing import CliRunner, Result

from services.chassis import cli


def tandem(arguments: Sequence[str], environment: Mapping[str, str]) -> Result:
    """Run a command to its end; how this process logs stays as it was."""
    before = structlog.get_config()
    try:
        return CliRunner().invoke(cli.app, list(arguments), env=dict(environment))
    finally:
        structlog.configure(**before)
