"""Promises about children: they never outlive their parent, whatever happens to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.process import ChildFailed, Family, Program
from tests.support.waiting import until

# The child is forked in another thread than the main one, so that the kernel's parent-death signal is not in play.
_PARENT = """
import sys, threading
from pathlib import Path
from deploy.local.process import Family, Program
folder = Path(sys.argv[1])
with Family(remove=[folder / "mark"]) as family:
    endless = [sys.executable, "-c", "import threading; print('up', flush=True); threading.Event().wait()"]
    def spawn():
        print(family.spawn(Program("endless", endless, folder / "log", folder)).pid, flush=True)
        threading.Event().wait()
    threading.Thread(target=spawn, daemon=True).start()
    threading.Event().wait()
"""


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def program(tmp_path: Path, code: str) -> Program:
    return Program("child", [sys.executable, "-c", code], tmp_path / "child.log", tmp_path)


def test_the_guardian_ends_what_a_killed_parent_leaves(tmp_path: Path) -> None:
    """After kill -9 of the parent its child is killed and its file removed, without the kernel's help."""
    (tmp_path / "mark").touch()
    with subprocess.Popen([sys.executable, "-c", _PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        until(lambda: (tmp_path / "log").read_text() == "up\n", "the child runs")

        parent.kill()

        until(lambda: not lives(child), "the child is gone", 10)
        until(lambda: not (tmp_path / "mark").exists(), "the file is removed", 10)


def test_a_child_that_ignores_being_asked_is_killed(tmp_path: Path) -> None:
    """An orderly stop is bounded, and what the child itself started ends with it."""
    code = "import os, signal; signal.signal(15, signal.SIG_IGN); os.write(1, b'%d\\n' % os.fork()); signal.pause()"
    with Family() as family:
        child = family.spawn(program(tmp_path, code))
        until(lambda: len(child.last_lines()) == 2, "the child and its own child run")
        [grandchild] = {int(line) for line in child.last_lines()} - {0}

        family.stop([child], 0.2)

        assert child.code == -signal.SIGKILL
        until(lambda: not lives(grandchild), "what the child started is gone", 10)


def test_a_failed_child_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    """Whoever reads the error sees what the child said last."""
    with Family() as family:
        child = family.spawn(program(tmp_path, "for n in range(100): print(n)"))
        assert child.wait(10)

        with pytest.raises(ChildFailed, match="child ended unexpectedly with exit code 0") as raised:
            child.must_run()

    assert raised.value.lines == [str(n) for n in range(80, 100)]


def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    """A restart does not destroy the traces of the crash before it."""
    with Family() as family:
        for word in ("first", "second"):
            child = family.spawn(program(tmp_path, f"print('{word}')"))
            assert child.wait(10)
            family.kill(child)

    assert (tmp_path / "child.log").read_text() == "second\n"
    assert (tmp_path / "child.log.1").read_text() == "first\n"


def test_an_ended_guardian_is_noticed(tmp_path: Path) -> None:
    """Working on without the net would be a silent loss of the promise."""
    with Family() as family:
        family.must_be_guarded()
        family._guardian.kill()
        family._guardian.wait()

        with pytest.raises(RuntimeError, match="guardian"):
            family.must_be_guarded()


def test_being_asked_to_end_while_a_program_is_started_is_not_forgotten(tmp_path: Path) -> None:
    """A signal in the middle of a fork, where an exception would be dropped, counts as soon as the child is there."""
    script = f"""
import logging, os, signal, sys
from pathlib import Path
from deploy.local.interrupt import Stopped, interruptible
from deploy.local.process import Family, Program

with Family() as family, interruptible():
    os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        family.spawn(Program("idle", ["sleep", "60"], Path({str(tmp_path)!r}) / "log", Path({str(tmp_path)!r})))
    except Stopped:
        logging.getLogger().isEnabledFor(1)
        print("stopped", len(family._children))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("stopped 1\n", "")
