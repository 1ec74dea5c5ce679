"""Yizhan's tests. Importable, so that fault scenarios and benchmarks share `tests.services`."""
