"""What the commands have in common: one locked data folder, one family of processes, one orderly end."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console

from deploy.local.addresses import Addresses
from deploy.local.display import Display
from deploy.local.interrupt import Interrupt, Stopped, interruptible
from deploy.local.jars import JarsDiffer, JarsUnavailable
from deploy.local.lock import Held, lock
from deploy.local.process import ChildFailed, Family
from deploy.local.supervisor import Plan, Supervisor
from services.chassis.manifests import UnknownService

Then = Callable[[Supervisor, Addresses, Display], None]


def run(plan: Plan, console: Console, then: Then) -> int:
    """Bring everything up, do ``then``, end everything; returns the exit code: 0 in order, 1 after a failure.

    Being asked to end (Ctrl-C, SIGTERM) is in order at any time.
    """
    try:
        with interruptible() as interrupt, Display(console) as display:
            return _run(plan, display, then, interrupt)
    except Stopped:
        return 0
    except (Held, JarsDiffer, JarsUnavailable, UnknownService) as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
    return 1


def _run(plan: Plan, display: Display, then: Then, interrupt: Interrupt) -> int:
    with lock(plan.data) as held:
        plan.addresses.unlink(missing_ok=True)
        with Family(held=[held], remove=[plan.addresses]) as family:
            supervisor = Supervisor(plan, family, display)
            try:
                then(supervisor, supervisor.start(), display)
            except ChildFailed as failure:
                _tell(failure, display)
                return 1
            finally:
                interrupt.armed = False
                supervisor.stop()
    return 0


def _tell(failure: ChildFailed, display: Display) -> None:
    display.show(failure.name, "failed")
    display.say(["", str(failure), *(f"  {line}" for line in failure.lines)])
