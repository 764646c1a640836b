"""A small server with holes that everybody knows, for loopback alone: python ops/attack/weak.py PORT

Whoever attacks it and finds nothing is not attacking. It writes what it is asked for into its page, puts it into SQL,
and fails on odd input. Never part of the platform.
"""

from __future__ import annotations

import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Weak(BaseHTTPRequestHandler):
    """Answers every address in the same careless way."""

    def do_GET(self) -> None:
        self._answer(parse_qs(urlsplit(self.path).query))

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        self._answer(parse_qs(self.rfile.read(length).decode("utf-8", "replace")))

    def _answer(self, fields: dict[str, list[str]]) -> None:
        asked = fields.get("q", [""])[0]
        database = sqlite3.connect(":memory:")
        database.executescript("CREATE TABLE tea (name TEXT); INSERT INTO tea VALUES ('tea'), ('coffee')")
        status, rows = 200, ""
        try:
            rows = str(database.execute(f"SELECT name FROM tea WHERE name = '{asked}'").fetchall())  # noqa: S608
        except sqlite3.Error as error:
            status, rows = 500, f"sqlite3.OperationalError: {error}"
        page = f"<html><form method=post action=/en/search><input name=q></form><p>{asked}</p>{rows}</html>"
        self.send_response(status)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Weak).serve_forever()
