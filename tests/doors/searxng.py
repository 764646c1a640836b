"""A stand-in for SearXNG, which is no package that could be installed: the same hooks in the same order.

Written after `searx/plugins/_core.py`, `searx/webapp.py` and `searx/query.py`, from which no line is taken. What it
keeps to: a plugin is asked for `pre_search` only if the visitor's cookie has not disabled it; what a hook raises is
swallowed; a hook of the application makes a plain dictionary of the form, in which the first of several values
counts and an address only fills gaps; `/` sends a query on to `/search`; words that begin with “!”, “:” or “<” and that
it knows are taken out of the query; the autocompleter asks no plugin.
"""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import flask

from offramp.adapters import Doorway

KNOWN = frozenset(("!g", "!images", ":en", ":ar", "<3"))


@dataclass
class PluginInfo:
    id: str
    name: str
    description: str
    preference_section: str = "general"


@dataclass
class PluginCfg:
    active: bool = False


class Plugin:
    id = ""

    def __init__(self, plg_cfg: PluginCfg) -> None:
        self.active = plg_cfg.active

    def init(self, app: flask.Flask) -> bool:
        return True

    def pre_search(self, request: Any, search: Any) -> bool:
        return True


@dataclass
class SearchQuery:
    query: str


@dataclass
class Search:
    search_query: SearchQuery
    user_plugins: list[str]


def install() -> None:
    """Let `from searx.plugins import Plugin` find the stand-in."""
    plugins = ModuleType("searx.plugins")
    plugins.Plugin, plugins.PluginInfo = Plugin, PluginInfo  # type: ignore[attr-defined]
    sys.modules.setdefault("searx", ModuleType("searx"))
    sys.modules.setdefault("searx.plugins", plugins)


def create(seen: list[str], doorway: Doorway) -> flask.Flask:
    install()
    from offramp.adapters.searxng import GatePlugin

    return application(
        seen, [type("SXNGPlugin", (GatePlugin,), {"doorway": doorway})(PluginCfg(active=True))]
    )


def application(seen: list[str], plugins: list[Any]) -> flask.Flask:
    app = flask.Flask("searxng")

    @app.before_request
    def pre_request() -> None:
        request: Any = flask.request
        form = dict(request.form.items())
        request.form = {**dict(request.args.items()), **form}
        disabled = request.cookies.get("disabled_plugins", "").split(",")
        request.user_plugins = [plugin.id for plugin in plugins if plugin.id not in disabled]

    methods = ["GET", "POST", "PUT", "HEAD"]

    @app.route("/", methods=methods)
    def index() -> Any:
        form: Any = flask.request.form
        if form.get("q"):
            query = flask.request.query_string.decode("latin-1")
            return flask.redirect(f"/search?{query}" if query else "/search", 308)
        return "search page"

    @app.route("/search", methods=methods, strict_slashes=False)
    @app.route("/about", methods=methods)
    def search() -> Any:
        request: Any = flask.request
        query = " ".join(word for word in request.form.get("q", "").split() if word not in KNOWN)
        made = Search(SearchQuery(query), request.user_plugins)
        going = True
        for plugin in plugins:
            if plugin.id in made.user_plugins:
                with contextlib.suppress(Exception):
                    going = plugin.pre_search(request=request, search=made)
                    if not going:
                        break
        if not going:
            return "no results"
        seen.append(query)
        form = request.form.get("format", "html")
        kind = {"json": "application/json", "csv": "application/csv", "rss": "text/xml"}.get(
            form, "text/html"
        )
        return flask.Response(f"results for {len(query)} characters", mimetype=kind)

    @app.route("/autocompleter", methods=methods)
    @app.route("/suggest", methods=methods)
    def autocompleter() -> Any:
        query = str(flask.request.form.get("q", ""))
        seen.append(query)
        found = json.dumps([query, [f"{query} near me"]])
        return flask.Response(found, mimetype="application/x-suggestions+json")

    kept = [plugin for plugin in plugins if plugin.init(app)]
    plugins[:] = kept
    return app
