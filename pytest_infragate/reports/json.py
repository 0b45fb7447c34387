"""``verdict.json``: the report document as it is."""

from __future__ import annotations

import json

from .document import Report


def render(report: Report) -> str:
    """Return the document as indented JSON with a final line end."""
    return json.dumps(report.document, indent=2, ensure_ascii=False) + "\n"
