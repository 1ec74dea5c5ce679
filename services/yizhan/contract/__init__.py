"""What a business promises its customers, and the calendars that its clocks follow. Pure: no store, no network."""
