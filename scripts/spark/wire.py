"""Wire: JSON lines over the unix socket of the process that started this one."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any, Iterator


class Wire:
    """Both ways; what is sent by several threads is sent whole."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)
        self._lines = self._socket.makefile("r", encoding="utf-8", newline="\n")
        self._turn = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        """Sends a message. That nobody listens any more is learnt by reading."""
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        with self._turn:
            try:
                self._socket.sendall(line)
            except OSError:
                pass

    def messages(self) -> Iterator[dict[str, Any]]:
        """What is received, until the other end is gone."""
        try:
            for line in self._lines:
                yield json.loads(line)
        except OSError:
            return
