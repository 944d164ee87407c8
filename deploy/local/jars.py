"""The jars of Apache Kafka: resolved by jgo, compared with pinned digests, kept as one flat folder."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

KAFKA = "4.3.1"
# "!" keeps jgo from taking the logging jar's parent as a bill of materials, which would lower Kafka's clients to 3.9.
_ENDPOINT = f"org.apache.kafka:kafka_2.13:{KAFKA}+org.apache.logging.log4j:log4j-slf4j-impl:2.25.3!"
JARS = Path(__file__).resolve().parents[2] / ".local" / "jars"
_PINS = Path(__file__).with_name("jars.sha256")


class JarsUnavailable(Exception):
    """The jars are not there and cannot be downloaded; the message says why."""


Progress = Callable[[str], None]


class JarsDiffer(Exception):
    """What was downloaded is not what the pins in ``jars.sha256`` say; the message names the first difference."""


def kafka_jars(cache: Path, progress: Progress = lambda line: None) -> Path:
    """The folder with exactly the pinned jars, downloaded when it is not there yet (about 40 MB).

    ``progress`` is told a line per jar. A download that is interrupted leaves nothing that a later one would trust.
    Raises ``JarsDiffer``, ``JarsUnavailable``.
    """
    folder = cache / f"kafka-{KAFKA}"
    if _difference(folder) is None:
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="download-", dir=cache) as work:
        fresh = Path(work) / "jars"
        fresh.mkdir()
        for jar in _download(Path(work), progress):
            shutil.copy(jar, fresh)
        if difference := _difference(fresh):
            raise JarsDiffer(difference)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            fresh.rename(folder)
        except OSError:  # somebody else was first; theirs passed the same comparison
            if _difference(folder):
                raise
    return folder


def pins() -> dict[str, str]:
    """Per jar its SHA-256, in hexadecimal."""
    lines = (line.split() for line in _PINS.read_text().splitlines())
    return {name: digest for digest, name in lines}


def _download(work: Path, progress: Progress) -> list[Path]:
    from jgo.env import EnvironmentBuilder
    from jgo.maven import MavenContext, PythonResolver

    total, seen = len(pins()), itertools.count(1)

    @contextmanager
    def tell(name: str, size: int) -> Iterator[Callable[[int], None]]:
        if name.endswith(".jar"):
            progress(f"downloading Kafka, once: jar {next(seen)} of {total}, {name} ({size / 1e6:.1f} MB)")
        yield lambda count: None

    progress("downloading Kafka, once (about 40 MB): asking which jars it needs")
    context = MavenContext(resolver=PythonResolver(progress_callback=tell), repo_cache=work / "repository", timeout=60)
    try:
        return EnvironmentBuilder(context=context, cache_dir=work / "cache").from_endpoint(_ENDPOINT).all_jars
    except (OSError, RuntimeError) as error:  # requests' errors are OSErrors
        raise JarsUnavailable(
            f"cannot download Kafka's jars: {error}; or set TANDEM_KAFKA to a running broker"
        ) from error


def _difference(folder: Path) -> str | None:
    expected = pins()
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.jar")}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            return f"{name}: pinned {expected.get(name)}, found {found.get(name)}"
    return None
