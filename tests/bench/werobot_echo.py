"""A text echo on WeRoBot, run by the Python that has WeRoBot: ``python werobot_echo.py PORT TOKEN``.

In its quickest form: no sessions (its default keeps them in SQLite), on waitress, which its own ``run`` takes when it is
installed. The work is done in memory: a text in, a text out.
"""

import sys
from typing import Any

from waitress import serve  # type: ignore[import-untyped]
from werobot import WeRoBot  # type: ignore[import-not-found]

CONNECTIONS = 1000
"""More than come: by default waitress leaves everybody after the hundredth waiting."""


def main(port: int, token: str) -> None:
    robot = WeRoBot(token=token)
    robot.config["SESSION_STORAGE"] = False
    robot.text(_echo)
    serve(robot.wsgi, host="127.0.0.1", port=port, connection_limit=CONNECTIONS)


def _echo(message: Any) -> str:
    return str(message.content)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
