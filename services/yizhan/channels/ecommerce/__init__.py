"""Shops' platforms as a channel: one folder a platform, all behind the one contract in ``platform``."""
