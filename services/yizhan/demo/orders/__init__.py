"""The demo shop's order system: what a real business would have, so that the tasks can be tried out without one."""
