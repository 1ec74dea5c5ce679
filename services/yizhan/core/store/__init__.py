"""What every service keeps its rows and files with: one database, outbox, inbox, timers, membership, media."""
