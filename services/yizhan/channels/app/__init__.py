"""The app channel: the business's own apps, whose users sign in at the business (``docs/app-protocol.md``)."""
