"""Canned replies: what a workspace, or one agent, says again and again."""
