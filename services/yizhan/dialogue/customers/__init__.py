"""Who customers are across channels, and what is known of them."""
