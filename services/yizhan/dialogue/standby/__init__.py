"""Answers that are ready and wait a moment for something better: kept with the conversation, sent once, in their place."""
