"""Jobs: what takes too long for the single writer. Started in its transaction, carried out beside it, told back to it."""
