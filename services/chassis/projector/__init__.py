"""The projector: applies a topic's events once and in order to one document per source aggregate.

Published means applied, once. Bad input is parked, never lost, never in the way.
"""

from services.chassis.projector.builds import ReadModel
from services.chassis.projector.consumer import (
    FETCH_BYTES,
    MAX_RECORDS,
    WAIT,
    Consumer,
    all_buffered,
    raw_decoder,
    raw_parser,
)
from services.chassis.projector.projection import Projection, only_react
from services.chassis.projector.projector import Projector

__all__ = [
    "FETCH_BYTES",
    "MAX_RECORDS",
    "WAIT",
    "Consumer",
    "Projection",
    "Projector",
    "ReadModel",
    "all_buffered",
    "only_react",
    "raw_decoder",
    "raw_parser",
]
