"""A gate in SearXNG, as a plugin that a visitor cannot switch off.

SearXNG asks a plugin's `pre_search` only if the visitor's cookie has not disabled the plugin, swallows what is raised
there, and asks no plugin while somebody types. So the gate stands in a hook of the application, which runs before every
request; `pre_search` looks once more at what SearXNG has made of the query. The invariant: the gate is asked about the
query as it was sent and as it is once the commands (`!engine`, `:language`, `<timeout`) are taken out of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from flask import Flask, Response, request
from searx.plugins import Plugin, PluginInfo

from offramp.adapters.doorway import Doorway
from offramp.gate import FORMS, Answer, Asked

if TYPE_CHECKING:
    from offramp.gate import Form

_COMMANDS = ("!", ":", "<", "?")


class GatePlugin(Plugin):  # type: ignore[misc]  # SearXNG is not there when types are checked
    """Derive `SXNGPlugin` from it in a file of your own, with `doorway = open_gate(…)`."""

    id = "offramp"
    doorway: ClassVar[Doorway]

    def __init__(self, plg_cfg: Any) -> None:  # noqa: ANN401
        super().__init__(plg_cfg)
        self.info = PluginInfo(
            id=self.id, name="Offramp", description="Shows a way out in place of results for some searches.",
            preference_section="general",
        )  # fmt: skip

    def init(self, app: Flask) -> bool:
        app.before_request(self.look)
        return True

    def look(self) -> Response | None:
        """Answer in place of SearXNG, or return None."""
        keeper = self.doorway.keeper
        texts = [text for name in self.doorway.names for sent in _sent(name) for text in readings(sent)]
        typing = request.path.rstrip("/").endswith("/autocompleter")
        asked = request.values if not isinstance(request.form, dict) else {**request.args, **request.form}
        wanted = str(asked.get("format", "html"))
        form: Form = (
            "suggestions" if typing else next((known for known in FORMS[:4] if known == wanted), "html")
        )
        language = request.headers.get("Accept-Language", "")
        answer = keeper.answer(Asked(request.path, texts, form, language))
        return _response(answer, typing) if answer else None

    def pre_search(self, request: Any, search: Any) -> bool:  # noqa: ANN401
        """Stop a search that SearXNG has made into one that the gate stops."""
        live = self.doorway.keeper.live
        return live.shadow or self.doorway.keeper.found([search.search_query.query]) is None


def readings(query: str) -> list[str]:
    """Return a query as it was sent, and without the words that SearXNG may take for commands."""
    words = query.split()
    plain = [word for word in words if not word.startswith(_COMMANDS)]
    return [query, " ".join(plain)] if len(plain) < len(words) else [query]


def _sent(name: str) -> list[str]:
    """Return all values of a field. By the time of our hook SearXNG has made a plain dictionary of the form."""
    form: Any = request.form
    posted = form.getlist(name) if hasattr(form, "getlist") else [form[name]] if name in form else []
    return [str(value) for value in (*posted, *request.args.getlist(name)) if value]


def _response(answer: Answer, typing: bool) -> Response:
    body = answer.body
    headers = dict(answer.headers)
    if typing and answer.status == 200 and request.headers.get("X-Requested-With") != "XMLHttpRequest":
        # A browser's address bar expects the text that it asked about in front; nothing of it is sent back.
        body, headers["content-type"] = b'["", []]', "application/x-suggestions+json"
    headers["content-length"] = str(len(body))
    return Response(body, answer.status, headers)
