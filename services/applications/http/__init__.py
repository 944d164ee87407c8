"""The routes of `applications`. Until there is a log-in every caller on this machine may use them."""

from services.applications.http.routes import routes

__all__ = ["routes"]
