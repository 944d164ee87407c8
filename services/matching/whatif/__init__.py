"""What stands behind a solution and what would change it: who lacks places, and what one more would bring.

Numbers only: this package knows no people.
"""

from services.matching.whatif.lacking import Lack, lacking
from services.matching.whatif.places import ExtraPlace, places

__all__ = ["ExtraPlace", "Lack", "lacking", "places"]
