"""deploy/docker/Dockerfile against what it must hold: pinned parts, no root, nothing fetched but from the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEXT = Path("deploy/docker/Dockerfile").read_text()
STEPS = [step.strip() for step in re.sub(r"\\\n", " ", TEXT).splitlines() if step.strip() and not step.startswith("#")]


def _stage(name: str) -> list[str]:
    """The steps of one stage."""
    begins = next(at for at, step in enumerate(STEPS) if step.startswith("FROM ") and step.endswith(f" AS {name}"))
    following = [at for at, step in enumerate(STEPS) if step.startswith("FROM ") and at > begins]
    return STEPS[begins + 1 : min(following, default=len(STEPS))]


def test_all_stages_stand_on_one_python_that_can_be_chosen() -> None:
    """The wheels fit the interpreter that runs them."""
    assert STEPS[0] == "ARG PYTHON=python:3.11-slim"
    bases = [step.split()[1] for step in STEPS if step.startswith("FROM ")]
    assert bases == ["${PYTHON}", "${PYTHON}", "${PYTHON}", "tandem", "tandem"]


def test_the_last_stage_is_the_plain_image() -> None:
    """Without a target nobody gets the mail sink."""
    assert STEPS[-1] == "FROM tandem"


def test_nothing_comes_from_the_net_but_pinned_packages() -> None:
    """No address is fetched or named, and every package has its hash."""
    assert not re.search(r"^ADD |https?://|curl|wget|apt-get|--mount", TEXT, re.MULTILINE)
    installs = re.findall(r"install [^&]*", " ".join(STEPS))
    installs = [one for one in installs if "-r requirements" in one or "wheels/" in one]
    assert len(installs) == 5
    assert all("--require-hashes" in one or "--no-index" in one for one in installs)


def test_the_image_runs_as_a_fixed_user_that_is_not_root() -> None:
    """A number, since a cluster cannot tell of a name that it is not root."""
    stage = _stage("tandem")
    assert "USER 10001:10001" in stage
    after = stage[stage.index("USER 10001:10001") :]
    assert not [step for step in after if step.startswith(("RUN ", "COPY "))]
    assert not [step for step in _stage("mail") if step.startswith("USER ")]


def test_the_image_starts_the_program_and_tells_its_health() -> None:
    """`docker run tandem serve people` is all there is to know."""
    stage = _stage("tandem")
    assert {'ENTRYPOINT ["tandem"]', 'CMD ["--help"]', "STOPSIGNAL SIGTERM", "EXPOSE 8000"} <= set(stage)
    assert any(step.startswith("HEALTHCHECK ") and "services.chassis.alive" in step for step in stage)


def test_the_final_image_holds_only_what_was_installed() -> None:
    """Sources, wheels and what builds them stay behind."""
    copies = [step for stage in ("tandem", "mail") for step in _stage(stage) if step.startswith("COPY ")]
    assert copies == [
        "COPY --from=build /opt/tandem /opt/tandem",
        "COPY --from=build /opt/mail-sink /opt/mail-sink",
    ]


def test_the_portals_assets_are_made_in_a_stage_that_is_left_behind() -> None:
    """No Node.js in the image, and no assets of the checkout that happens to be built."""
    assert "RUN python -m services.portal.assets" in _stage("assets")
    of_stages = {name: [step for step in STEPS if f"--from={name}" in step] for name in ("assets", "build")}
    assert of_stages["assets"] == ["COPY --from=assets /assets/services/portal/static/ services/portal/static/"]
    build = _stage("build")
    copied, taken = build.index("COPY services/ services/"), build.index(of_stages["assets"][0])
    assert copied < taken < next(at for at, step in enumerate(build) if "pip wheel" in step)
    assert "services/portal/static*" in Path(".dockerignore").read_text().splitlines()


@pytest.mark.parametrize("name", ["runtime", "build", "mail-sink", "assets"])
def test_what_the_image_is_built_from_is_what_the_tests_run_on(name: str) -> None:
    """The same versions with the same hashes as in development."""
    tested = _pins("development")
    built = _pins(name)
    assert built
    assert {package: tested.get(package) for package in built} == built


def _pins(name: str) -> dict[str, frozenset[str]]:
    text = Path(f"requirements/{name}.txt").read_text()
    blocks = re.split(r"(?m)^(?=[a-z0-9])", text)[1:]
    return {block.split()[0]: frozenset(re.findall(r"sha256:\w+", block)) for block in blocks}


def test_the_engine_gets_only_what_the_image_is_made_from() -> None:
    """Neither data nor keys that lie in a checkout reach a layer."""
    lines = [line for line in Path(".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    admitted = {line[1:] for line in lines if line.startswith("!")}
    steps = [step for step in _stage("build") if step.startswith("COPY ") and "--from=" not in step]
    copied = {word.strip("./") or "." for step in steps for word in step.split()[1:-1]}
    assert admitted == copied == {"pyproject.toml", "README.md", "requirements", "services", "deploy/local"}
