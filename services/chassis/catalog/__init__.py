"""The catalogue of what a platform puts on its topics: read, checked and turned into pages for integrators."""
