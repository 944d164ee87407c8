"""How properties are searched here: no example has a time limit, since a busy machine is no fault of what it runs."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("tandem", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tandem")
