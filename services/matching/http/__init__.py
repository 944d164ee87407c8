"""The routes of `matching`. Until there is a log-in every caller on this machine may use them."""

from services.matching.http.routes import routes

__all__ = ["routes"]
