"""The words by which people find what was written, the same for tickets, messages and canned replies."""
