"""What keeps a process from starting and an operator can mend."""

from typing import ClassVar


class StartupError(Exception):
    """A start step failed for a reason that the operator can mend. The message is one line, fit to be printed as it is."""

    exit_code: ClassVar[int] = 1


class CannotListen(StartupError):
    """An address cannot be listened on."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {reason}")
        self.host = host
        self.port = port


class PortTaken(CannotListen):
    """Another program listens there."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port, "the port is taken; stop the other program or choose another port")
