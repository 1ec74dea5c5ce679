"""Reading a mail: any bytes become a ``Letter``, in bounded time and memory, and nothing raises."""

from yizhan.channels.email.reading.reading import read_letter

__all__ = ["read_letter"]
