"""What a conversation has to do with its tickets, which routing keeps."""
