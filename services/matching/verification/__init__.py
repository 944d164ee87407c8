"""The independent checker of matchings: it believes a certificate only where it can follow every step of the proof.

It shares no code with the solver, and nothing but NumPy and the standard library with the rest of the world.
"""

from services.matching.verification.checking import Verdict, verify
from services.matching.verification.digests import digest

__all__ = ["Verdict", "digest", "verify"]
