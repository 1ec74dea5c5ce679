"""Tasks: what the assistant does with a customer step by step, declared in YAML and carried out by connectors."""
