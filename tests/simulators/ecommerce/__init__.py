"""Shops' platforms, as far as their documentation says what they do."""
