"""Sizes: files, functions and parameters stay small enough to be read."""

from __future__ import annotations

from tests.architecture.sizes import too_large
from tests.architecture.sources import MEASURED, Source, product

LINE = "    x = 1\n"


def test_the_product_keeps_its_sizes() -> None:
    """No file over 400 lines, no function over 50, no more than five parameters without names."""
    assert list(too_large(product(*MEASURED))) == []


def test_a_file_over_its_size_is_found_and_one_at_it_is_not() -> None:
    """400 lines pass, one more does not."""
    assert list(too_large([Source("a.py", "x = 1\n" * 400)])) == []
    assert list(too_large([Source("a.py", "x = 1\n" * 401)])) == ["a.py:1: 401 lines, at most 400"]


def test_a_function_over_its_size_is_found_and_one_at_it_is_not() -> None:
    """50 lines pass, one more does not, in an ordinary, an asynchronous and an inner function."""
    assert list(too_large([Source("a.py", "def f():\n" + LINE * 49)])) == []
    assert list(too_large([Source("a.py", "def f():\n" + LINE * 50)])) == ["a.py:1: f has 51 lines, at most 50"]
    assert list(too_large([Source("a.py", "async def f():\n" + LINE * 50)])) == ["a.py:1: f has 51 lines, at most 50"]
    inner = "def f():\n    def g():\n" + f"    {LINE}" * 50
    assert list(too_large([Source("a.py", inner)])) == ["a.py:2: g has 51 lines, at most 50"]


def test_functions_inside_are_measured_by_themselves() -> None:
    """What a function does itself counts; the decorators of the functions inside belong to those."""
    inner = "    @decorated(\n        1,\n    )\n    def g():\n" + f"    {LINE}" * 40
    assert list(too_large([Source("a.py", "def f():\n" + inner + LINE * 49)])) == []
    assert list(too_large([Source("a.py", "def f():\n" + inner + LINE * 50)])) == ["a.py:1: f has 51 lines, at most 50"]


def test_a_sixth_parameter_without_a_name_is_found() -> None:
    """Beyond five a reader of the call can no longer tell which is which; ``self`` is not counted."""
    assert list(too_large([Source("a.py", "def f(a, b, c, d, e, *, g): ...")])) == []
    assert list(too_large([Source("a.py", "class C:\n    def f(self, a, b, c, d, e): ...")])) == []
    rule = "a.py:1: f takes more than 5 parameters without names"
    assert list(too_large([Source("a.py", "def f(a, b, c, d, e, g): ...")])) == [rule]
    assert list(too_large([Source("a.py", "def f(a, /, b, c, d, e, g): ...")])) == [rule]


def test_routes_may_take_more_parameters_since_they_are_called_by_name() -> None:
    """FastAPI fills each parameter by its name; nobody calls a route by position."""
    assert list(too_large([Source("a.py", "@router.get('/x')\ndef f(a, b, c, d, e, g): ...")])) == []
    assert len(list(too_large([Source("a.py", "@other.wraps('/x')\ndef f(a, b, c, d, e, g): ...")]))) == 1
