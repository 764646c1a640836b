"""Write openapi.json, every address that the server answers in the demonstration, and gate-openapi.json.

Run it after a route has changed: PYTHONPATH=. python docs/reference/make_openapi.py. A test compares page and routes.
Programs that try out servers want such a file; people and desks need none.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("openapi.json")
FORM = "application/x-www-form-urlencoded"
TAGS, SURVEY = ["en", "ar"], "help-us"
_TEXT = {"type": "string", "maxLength": 600}
_GO = ["agree", "decline", "under18", "next", "back", "stay", "show", "delete", "delete-yes"]
_WORK = [
    "open", "save", "again", "keep-code", "keep-sitting", "keep-existing", "overview", "close", "edit", "remove",
    "remove-yes", "get-code", "consent", "consent-yes", "consent-no", "delete", "delete-yes", "damaged-delete",
]  # fmt: skip
_STEPS = ["welcome", "what_leads", "check_start", "my_chain", "urge_log"]
_ANSWERS = {f"{kind}{number:03d}": _TEXT for kind in "qw" for number in (0, 3, 6)}
_FORMS: dict[str, dict[str, Any]] = {
    "/search": {"q": _TEXT},
    "/{tag}/search": {"q": _TEXT},
    "/{tag}/s/{slug}": {
        "go": {"type": "string", "enum": _GO}, "draft": _TEXT, "arm": _TEXT, "lang": _TEXT,
        "page": {"type": "string", "enum": ["stopping", "contact"]}, **_ANSWERS,
    },
    "/{tag}/p/{slug}": {
        "go": {"type": "string", "enum": _WORK}, "journal": _TEXT, "code": _TEXT, "entry": _TEXT, "revision": _TEXT,
        "step": {"type": "string", "enum": _STEPS}, "to": {"type": "string", "enum": _STEPS},
        "sheet": {"type": "string", "enum": ["path", "plan"]}, **_ANSWERS,
    },
    "/{tag}/s/{slug}/receipt": {"receipt": _TEXT, "go": {"type": "string", "enum": ["continue", "delete"]}},
}  # fmt: skip
_HEX = {"type": "string", "pattern": "^([0-9a-f]{2})*$", "maxLength": 200}
_WEEK = {"type": "string", "pattern": "^([0-9]{4}-W[0-9]{2})?$"}
_WEEKS = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1, "maximum": 2**53},
          "propertyNames": {"pattern": "^[0-9]{4}-W[0-9]{2}$"}, "maxProperties": 20}  # fmt: skip
_SIGNED = {"challenge": _HEX, "signature": _HEX}
_BODIES = {
    "pull": {"type": "object", "required": [*_SIGNED, "after", "now"], "properties": {
        **_SIGNED, "after": {"type": "string", "maxLength": 48}, "now": {"type": "boolean"},
        "since": _WEEK, "before": _WEEK}},
    "confirm": {"type": "object", "required": [*_SIGNED, "weeks"], "properties": {**_SIGNED, "weeks": _WEEKS}},
}  # fmt: skip
_PARAMETERS: dict[str, dict[str, Any]] = {
    "tag": {"type": "string", "enum": TAGS},
    "slug": {"type": "string", "enum": [SURVEY]},
    "step": {"type": "string", "enum": _STEPS},
    "target": {
        "type": "string",
        "enum": ["survey", "other-survey", "help", "programme", "not-looking", "exit"],
    },
}
_PROGRAMME: dict[str, dict[str, Any]] = {
    "tag": {"type": "string", "enum": ["en", "es"]}, "slug": {"type": "string", "enum": ["way-on"]}
}  # fmt: skip
_QUERY = {"/go/{target}": ("a", "l"), "/{tag}/s/{slug}": ("a",)}
# What each may be answered with; whatever else is sent is answered with one of these too.
_STATUSES = {
    "page": (200, 404), "go": (200, 303, 404), "form": (200, 400, 404, 408, 409, 410, 413, 415, 422),
    "pull": (200, 400, 408, 413), "confirm": (200, 400, 408, 413), "plain": (200,), "challenge": (200,),
}  # fmt: skip


def _kind(path: str, method: str) -> str:
    if path.startswith("/desk/v1/"):
        return path.rpartition("/")[2]
    if path in ("/health", "/robots.txt"):
        return "plain"
    return "go" if path.startswith("/go/") else "form" if method == "POST" else "page"


def _operation(path: str, method: str) -> dict[str, Any]:
    kind = _kind(path, method)
    media = {"plain": "text/plain" if path.endswith("txt") else "application/json",
             "go": "text/html", "form": "text/html", "page": "text/html"}.get(kind, "application/json")  # fmt: skip
    schemas = {**_PARAMETERS, **(_PROGRAMME if path.startswith("/{tag}/p/") else {})}
    parameters = [{"name": name, "in": "path", "required": True, "schema": schemas[name]}
                  for name in re.findall(r"{(\w+)}", path)]  # fmt: skip
    if method == "GET":
        parameters += [{"name": n, "in": "query", "schema": {"type": "string"}} for n in _QUERY.get(path, ())]
    operation: dict[str, Any] = {"parameters": parameters, "responses": {
        str(status): {"description": "", "content": {} if status == 303 else {media: {}}} for status in _STATUSES[kind]
    }}  # fmt: skip
    if kind == "form":
        schema = {"type": "object", "properties": _FORMS[path]}
        operation["requestBody"] = {"required": True, "content": {FORM: {"schema": schema}}}
    if kind in _BODIES:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _BODIES[kind]}},
        }
    return operation


def page(routes: list[tuple[str, str]]) -> str:
    """Return the document for these paths and methods."""
    paths: dict[str, dict[str, Any]] = {}
    for path, method in sorted(routes):
        paths.setdefault(path, {})[method.lower()] = _operation(path, method)
    document = {"openapi": "3.1.0", "info": {"title": "Offramp", "version": "1"}, "paths": paths}
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def served() -> list[tuple[str, str]]:
    """Return every path and method that the demonstration answers."""
    from tests.web.asking import routes_of_a_demonstration

    return routes_of_a_demonstration()


def gate_page() -> str:
    """Return the document for `offramp gate serve`, as it describes itself."""
    from offramp.adapters.endpoint import description

    return json.dumps(description(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(served()), encoding="utf-8")
    PAGE.with_name("gate-openapi.json").write_text(gate_page(), encoding="utf-8")
