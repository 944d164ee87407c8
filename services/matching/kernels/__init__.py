"""The loops that are compiled: plain functions on arrays, each of which can be called alone."""
