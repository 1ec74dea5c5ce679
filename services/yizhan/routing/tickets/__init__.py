"""Tickets: what people still owe customers, from the promise to its end."""
