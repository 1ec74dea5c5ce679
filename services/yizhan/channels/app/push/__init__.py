"""Telling devices of messages while no screen of the customer is connected."""
