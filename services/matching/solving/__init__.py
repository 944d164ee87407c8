"""What runs in a process of its own: solving a run, and what a forced pair would cost. It knows no database.

``python -m services.matching.solving`` says that it is ready, takes one task from its standard input, tells how far it
is on its standard output, and ends. It also ends when whoever started it is gone.
"""
