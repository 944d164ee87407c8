"""``python -m services.matching.assignment``: compile all kernels and keep them, for set-up and images."""

from services.matching.assignment.warming import warm_up

if __name__ == "__main__":
    warm_up()
