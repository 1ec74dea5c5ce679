"""Messages that customers leave instead of waiting, and calls that they were promised at a time."""
