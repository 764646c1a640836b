"""A page as a file: HTML as it is, or a PDF of it where WeasyPrint is installed.

The invariant: the file is either as it was or wholly new, and nothing is fetched for it from anywhere.
"""

from __future__ import annotations

from pathlib import Path

from offramp.desk import public_id, write_whole
from offramp.errors import Fault, refuse


def write_page(page: str, output: Path) -> None:
    """Write a page, as a PDF where the name ends so. Refusal printing.no_pdf."""
    if output.suffix != ".pdf":
        write_whole(output, page.encode(), 0o644)
        return
    try:
        import weasyprint
    except (ImportError, OSError):
        raise refuse("printing.no_pdf", str(output), "Nothing here can make a PDF.",
                     "Please print .html from a browser, or type: make install-paper.") from None  # fmt: skip
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    nothing = URLFetcher(allowed_protocols=(), fail_on_errors=True)
    try:
        # Tagged, so that a screen reader finds headings and the cells of tables.
        made = weasyprint.HTML(string=page, url_fetcher=nothing).write_pdf(
            pdf_tags=True, pdf_identifier=public_id(page)
        )
    except FatalURLFetchingError:
        raise Fault("a page that is printed asks for something outside itself") from None
    write_whole(output, made, 0o644)
