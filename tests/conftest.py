"""What every test may ask for; the fixtures themselves live in tests/support."""

pytest_plugins = ["tests.support.properties", "tests.support.servers"]
