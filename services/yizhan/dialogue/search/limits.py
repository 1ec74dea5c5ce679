"""What bounds a search, and what it costs to keep up."""

MOST_CHARACTERS = 2000
"""Of one message: what comes after them is not found. Nobody types so much; mails and pasted documents may be longer."""

MOST_QUERY = 200

MOST_RESULTS = 50
RESULTS = 20

MOST_LOOKED = 20_000
"""Messages with the rarest of the words that one call goes through; the next page goes on from there."""
