"""What every process stands on: settings, start and stop, logs, figures, HTTP and gRPC. No business rules."""
