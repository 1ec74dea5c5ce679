"""What keeps a process from starting and an operator can mend."""


class StartupError(Exception):
    """A start step failed for a reason that the operator can mend. The message is one line, fit to be printed as it is."""
