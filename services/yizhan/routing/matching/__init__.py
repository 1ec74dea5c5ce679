"""Who gets a case and why, and what would have become of a day under other rules. Pure: no store, no bus, no clock."""
