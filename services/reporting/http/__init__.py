"""The routes of `reporting`: programme boards and the audit trail."""

from services.reporting.http import audit, boards

__all__ = ["audit", "boards"]
