"""The console's REST API under ``/api/v1``, one module per subject."""
