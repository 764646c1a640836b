"""What the doctor says about what stands in front of the server. The files in ops/ must please it."""

from __future__ import annotations

from pathlib import Path

import pytest

from offramp.doctor import Finding, Level
from offramp.doctor.logs import Front, FrontSeen, request_logs

OPS = Path(__file__).parents[2] / "ops"
SOCKET = "/run/offramp/offramp.sock"
SHIPPED = {Front.NGINX: "proxy/nginx.conf", Front.CADDY: "proxy/Caddyfile", Front.TOR: "tor/torrc",
           Front.SYSTEMD: "systemd/offramp.service"}  # fmt: skip


def shipped(front: Front) -> str:
    return (OPS / SHIPPED[front]).read_text(encoding="utf-8")


def judged(front: Front, text: str) -> list[Finding]:
    return list(request_logs([FrontSeen(front, Path("/etc/file"), text)], [SOCKET], ["PATH"]))


@pytest.mark.parametrize("front", SHIPPED)
def test_what_we_hand_out_logs_nothing(front: Front) -> None:
    (finding,) = judged(front, shipped(front))
    assert finding.level is Level.OK
    assert front.value in finding.what


@pytest.mark.parametrize(
    ("front", "old", "new", "says"),
    [
        (Front.NGINX, "access_log off;", "access_log /var/log/nginx/access.log;", "logs requests, with the address"),
        (Front.NGINX, "access_log off;", "", "logs requests unless told otherwise"),
        (Front.NGINX, "access_log off;", "# access_log off;", "logs requests unless told otherwise"),
        (Front.NGINX, "stderr emerg;", "/var/log/nginx/error.log;", "error log holds the address"),
        (Front.NGINX, "stderr emerg;", "stderr warn;", "error log holds the address"),
        (Front.NGINX, "error_log stderr emerg;", "", "logs errors"),
        (Front.NGINX, "gzip off;", "gzip on;", "compresses"),
        (Front.CADDY, "exclude http", "", "logs requests that fail"),
        (Front.CADDY, "request_body {", "encode gzip\n\trequest_body {", "compresses"),
        (Front.TOR, "SafeLogging 1", "SafeLogging 0", "addresses"),
        (Front.TOR, "Log notice syslog", "log info file /var/log/tor/info", "more than is good"),
        (Front.TOR, "HiddenServiceMaxStreams 64", "HiddenServiceExportCircuitID haproxy", "circuit a name"),
        (Front.SYSTEMD, "offramp serve --config", "uvicorn --factory", "another web server"),
        (Front.SYSTEMD, "offramp serve", "offramp-wrapper --access-log", "an access log"),
    ],
)  # fmt: skip
def test_what_would_write_requests_down(front: Front, old: str, new: str, says: str) -> None:
    text = shipped(front)
    assert old in text
    findings = judged(front, text.replace(old, new))
    assert [(finding.level, says in finding.what) for finding in findings] == [(Level.WARNING, True)]


def test_a_proxy_that_serves_somebody_else_is_left_alone() -> None:
    text = (
        "http { access_log /var/log/nginx/access.log; server { proxy_pass http://unix:/run/other.sock:; } }"
    )
    (finding,) = judged(Front.NGINX, text)
    assert finding.level is Level.OK
    assert "none was found" in finding.what


def test_one_file_of_a_proxy_may_speak_for_the_others() -> None:
    files = [
        FrontSeen(Front.NGINX, Path("/etc/nginx/nginx.conf"), "access_log off; error_log stderr emerg;"),
        FrontSeen(Front.NGINX, Path("/etc/nginx/conf.d/study.conf"), f"proxy_pass http://unix:{SOCKET}:;"),
    ]
    (finding,) = request_logs(files, [SOCKET], [])
    assert finding.level is Level.OK


def test_a_wrapper_that_runs_another_server_is_found_by_its_process() -> None:
    (finding,) = judged(Front.PROCESS, "/usr/bin/python3 /usr/bin/uvicorn offramp.somewhere:app")
    assert (finding.level, finding.code) == (Level.WARNING, "logs.process")


def test_variables_for_uvicorn_are_for_something_else_than_us() -> None:
    (finding,) = request_logs([], [SOCKET], ["PATH", "UVICORN_LOG_CONFIG"])
    assert (finding.level, finding.place) == (Level.WARNING, "UVICORN_LOG_CONFIG")
