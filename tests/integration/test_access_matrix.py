"""Every route, asked by every role about its own, a lower, a higher and a foreign company: who gets what.

What is expected stands in ``access_tables``, by hand. A route without a line there fails.
"""

from __future__ import annotations

import pytest

from services.chassis.http.gate import routes_of
from services.chassis.ids import random_id
from tests.support.access_cast import Cast, bearer
from tests.support.access_matrix import Walk
from tests.support.access_records import Records
from tests.support.access_services import guarded_service
from tests.support.access_tables import TABLES
from tests.support.servers import Running


@pytest.mark.timeout(300)  # thousands of requests, on a busy machine
@pytest.mark.parametrize("service", TABLES)
async def test_everybody_gets_what_the_table_says(servers: Running, service: str) -> None:
    """Allowed, refused or as if it were not there; lists hold what the caller may see and nothing else."""
    cast = Cast()
    companies = cast.companies
    records = [Records(id) for id in companies.three.values()]
    callers = [
        *cast.holders("parent", "child", "group"),
        *(cast.person(f"staff of {name}", id) for name, id in companies.three.items()),
        cast.person("the child's mentor", companies.child, id=records[1].mentor),
        cast.person("the child's mentee", companies.child, id=records[1].mentee, executive=True),
        cast.person(
            "the child's uploader", companies.office, id=records[1].uploader, role="hr_integrator", place="child"
        ),
        cast.person("the child's assessor", companies.office, id=records[1].assessor, role="assessor", place="child"),
        cast.account("a program"),
        cast.account("a program that manages the child", role="programme_manager", place="child"),
    ]
    async with guarded_service(servers, service, cast, *records) as guarded:
        walk = Walk(guarded, companies)
        strangers = {401: bearer("no-token"), 403: cast.token(random_id())}
        for line in TABLES[service]:
            await walk.along(line, callers)
            await walk.as_nobody(line, strangers)
            await walk.as_nobody(line, {401: {}})
        routes = set(routes_of(guarded.app))
        assert "\n".join(walk.wrong) == ""
        assert {line.route for line in TABLES[service]} == routes
