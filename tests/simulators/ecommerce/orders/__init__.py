"""Platforms that are asked for orders. Each checks signatures with code of its own, and answers the errors it is told to."""
