"""Connectors: what tasks ask of a business's own systems, over HTTP or gRPC, with errors of a closed set."""
