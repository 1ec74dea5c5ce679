"""A business's own agent system that is told by signed posts, and asks by HTTP requests, where it keeps no stream."""
