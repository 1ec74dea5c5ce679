"""Learning from what was not answered well: what a miss is, which are alike, and what becomes of them."""
