"""What a customer may do instead of waiting for a person: leave a message, or be contacted at a time of their choice."""
