"""From a template of the desk to a page, in one way for all of them.

The invariant: whatever is put in is escaped, and a name that a template asks for and nobody gives is a fault.
"""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from offramp import __version__


def printed(template: str, **values: object) -> str:
    """Return a page of the desk; each says which version of Offramp made it."""
    templates = Environment(
        loader=PackageLoader("offramp.desk"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    # Figures as English writes them, where no frame says otherwise.
    figures = {"num": "{:,}".format, "pct": "{}\N{NO-BREAK SPACE}%".format}
    return templates.get_template(template).render({**figures, "version": __version__, **values})
