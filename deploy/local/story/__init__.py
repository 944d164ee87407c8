"""The demo story: a trade-fair group's first year of reverse mentoring, played through the public HTTP APIs."""
