"""Seed data of the demonstration shop."""
