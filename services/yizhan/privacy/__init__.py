"""One customer over all services: everything that is kept about them, exported or erased. Only the command line stands on it."""
