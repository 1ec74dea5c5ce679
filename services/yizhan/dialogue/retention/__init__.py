"""How long dialogue keeps what nobody needs any more, and the sweeper that deletes the rest."""
