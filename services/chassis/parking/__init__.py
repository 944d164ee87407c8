"""Parking: records that cannot be applied lie here with their reason and bytes until they can.

Later records of the same subject queue behind; everything else flows. An operator may have one tried again
or give it up; the consumer of its partition carries that out, and what was given up stays so in every rebuild.
"""

from services.chassis.parking.drops import NOTHING, Drops, Given
from services.chassis.parking.limit import ParkLimit
from services.chassis.parking.rows import COLLECTION, INDEXES, ParkedRecord, Parking

__all__ = ["COLLECTION", "INDEXES", "NOTHING", "Drops", "Given", "ParkLimit", "ParkedRecord", "Parking"]
