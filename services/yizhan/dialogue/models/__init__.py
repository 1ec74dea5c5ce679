"""Optional models behind an OpenAI-compatible endpoint. What they say is checked; without them everything still works."""
