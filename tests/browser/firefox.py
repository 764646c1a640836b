"""Firefox as Tor Browser's "Safest" level has it: no scripts, SVG, MathML or web fonts; driven over its own wire.

The wire is Marionette: each message is its length, a colon, and JSON; an answer names the number of its command.
Knows no page. The invariant: `asked_for` is everything that was fetched for the tab since Firefox started.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.web.process import free_port

PATIENCE = 40
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how WebDriver marks that a value is an element
SAFEST = {
    "javascript.enabled": False,
    "svg.disabled": True,
    "mathml.disabled": True,
    "gfx.downloadable_fonts.enabled": False,
}
# Firefox's own errands, which are not the pages' doing; what is left of them finds a closed door.
QUIET = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.startup.homepage": "about:blank",
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 1,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "toolkit.telemetry.enabled": False,
}
LISTEN = """
  this.asked = [];
  const note = {observe: subject => {
    const channel = subject.QueryInterface(Ci.nsIHttpChannel);
    if (channel.loadInfo.browsingContextID) this.asked.push(channel.requestMethod + ' ' + channel.URI.spec);
  }};
  Services.obs.addObserver(note, 'http-on-modify-request');
"""


@dataclass
class Firefox:
    """A running Firefox with one tab."""

    wire: socket.socket
    number: int = 0
    unread: bytearray = field(default_factory=bytearray)

    def _read(self) -> Any:
        while b":" not in self.unread:
            self._more()
        length, _, _ = bytes(self.unread).partition(b":")
        start, end = len(length) + 1, len(length) + 1 + int(length)
        while len(self.unread) < end:
            self._more()
        message = json.loads(self.unread[start:end])
        del self.unread[:end]
        return message

    def _more(self) -> None:
        received = self.wire.recv(1 << 16)
        assert received, "Firefox has hung up"
        self.unread += received

    def say(self, command: str, **values: Any) -> Any:
        """Send a command; return what came of it."""
        self.number += 1
        text = json.dumps([0, self.number, command, values]).encode()
        self.wire.sendall(b"%d:%s" % (len(text), text))
        kind, number, trouble, result = self._read()
        assert (kind, number) == (1, self.number)
        assert not trouble, f"{command} {values}: {trouble['error']}: {trouble['message']}"
        return result.get("value", result) if isinstance(result, dict) else result

    # -- what a person does --------------------------------------------------------------------------------------

    def open(self, url: str) -> None:
        self.say("WebDriver:Navigate", url=url)

    def all(self, selector: str) -> list[str]:
        """Return the elements that a selector finds."""
        found = self.say("WebDriver:FindElements", using="css selector", value=selector)
        return [each[ELEMENT] for each in found]

    def one(self, selector: str) -> str:
        (found,) = self.all(selector)
        return found

    def click(self, selector: str) -> None:
        self.say("WebDriver:ElementClick", id=self.one(selector))

    def type(self, selector: str, text: str) -> None:
        self.say("WebDriver:ElementClear", id=self.one(selector))
        self.say("WebDriver:ElementSendKeys", id=self.one(selector), text=text)

    # -- what it shows -------------------------------------------------------------------------------------------

    def attribute(self, selector: str, name: str) -> str:
        return str(self.say("WebDriver:GetElementAttribute", id=self.one(selector), name=name) or "")

    def size(self, selector: str) -> tuple[float, float]:
        box = self.say("WebDriver:GetElementRect", id=self.one(selector))
        return box["width"], box["height"]

    def source(self) -> str:
        return str(self.say("WebDriver:GetPageSource"))

    def keep_a_picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.say("WebDriver:TakeScreenshot", full=True)))

    @property
    def asked_for(self) -> list[str]:
        return list(self._inside("return this.asked;"))

    def _inside(self, script: str) -> Any:
        """Run a script of ours in Firefox itself, where no page comes to."""
        self.say("Marionette:SetContext", value="chrome")
        try:
            return self.say(
                "WebDriver:ExecuteScript", script=script, args=[], sandbox="watch", newSandbox=False
            )
        finally:
            self.say("Marionette:SetContext", value="content")


@contextlib.contextmanager
def firefox(program: str, more: dict[str, Any] | None = None) -> Iterator[Firefox]:
    """Start a Firefox with a profile of its own; it ends with the test."""
    port = free_port()
    with TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        lines = {**QUIET, **SAFEST, **(more or {}), "marionette.port": port}.items()
        Path(folder, "user.js").write_text(
            "".join(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in lines)
        )
        process = subprocess.Popen(
            [program, "--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile", folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"HOME": folder},
        )  # fmt: skip
        stack.callback(process.wait, PATIENCE)
        stack.callback(process.terminate)
        wire = stack.enter_context(_reach(port, process))
        fox = Firefox(wire)
        assert fox._read()["marionetteProtocol"] == 3
        fox.say("WebDriver:NewSession", capabilities={"alwaysMatch": {"pageLoadStrategy": "normal"}})
        fox._inside(LISTEN)
        yield fox


def _reach(port: int, process: subprocess.Popen[bytes]) -> socket.socket:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        time.sleep(0.1)
    raise AssertionError(f"Firefox does not listen; its exit code is {process.poll()}")
