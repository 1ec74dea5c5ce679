"""Passwords, signed tokens, constant-time comparison and rate limits."""
