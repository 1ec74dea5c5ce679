"""Private RabbitMQ, PostgreSQL and Chromium for tests, fault scenarios and benchmarks.

Each is taken from an environment variable when one is set, else started from installed programs, else installed with
apt when that is possible; otherwise :class:`~tests.services.packages.Missing` says in one line what to do.
"""
