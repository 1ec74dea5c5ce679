"""A business's own agent system attends by stream: told without loss, asked once, resumed after a cursor."""
