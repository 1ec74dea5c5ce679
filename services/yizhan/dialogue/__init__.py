"""The dialogue service: the single writer of conversations, and the assistant that answers in them."""
