"""Settings of Sphinx for the site. The pages are laid out by docs/build_site.py, which runs it."""

from __future__ import annotations

from enum import Enum
from typing import Any

project = "replica-preflight"
html_title = project
copyright = ""
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns: list[str] = []
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
language = "en-gb"

# Text is left as it is written: "--depth" is no dash.
smartquotes = False
highlight_language = "none"
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 6
myst_url_schemes = ("http", "https", "mailto")

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_domain_indices = False
html_theme_options: dict[str, list[str]] = {
    "top_of_page_buttons": [],
    "footer_icons": [],
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def _without_signature(
    app: Any, what: str, name: str, obj: Any, options: Any, signature: Any, returns: Any
) -> tuple[str, None] | None:
    """What nobody calls is shown without arguments: enumerations, and a clearance."""
    del app, options, signature, returns
    uncalled = what == "class" and (issubclass(obj, Enum) or name == "preflight.Clearance")
    return ("", None) if uncalled else None


def setup(app: Any) -> None:
    app.connect("autodoc-process-signature", _without_signature)
