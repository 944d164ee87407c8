"""What operators do with a service while it runs: look after parked records, rebuild, switch and refill read models.

The same over HTTP (``chassis.http.operations``) and by the ``tandem`` program (``parked_cli``, ``projections_cli``).
"""
