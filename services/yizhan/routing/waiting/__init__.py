"""How long those in the queue will wait. Pure: no store, no bus, no clock."""
