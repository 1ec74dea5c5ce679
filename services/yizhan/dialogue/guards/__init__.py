"""What the assistant must not answer by itself, declared by the business: matching, judging, test sentences."""
