"""E-mail as a channel: mailboxes are read by IMAP, letters go out by SMTP."""
