"""The routing service: agents, the queue, offers, assignments and tickets."""
