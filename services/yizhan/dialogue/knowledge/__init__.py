"""What the assistant may say: entries, how they are read from a file, and how a question finds its entry.

Nothing here knows of databases, queues or the network; everything is deterministic.
"""
