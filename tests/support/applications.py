"""Stands in where a manifest needs an application that the test never serves."""

from __future__ import annotations

from fastapi import FastAPI


def never() -> FastAPI:
    """An application factory that must not be called."""
    raise AssertionError("this application is not meant to be served")
