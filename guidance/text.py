"""What a coordinator types, as HTML: Markdown without HTML, pictures or code."""

from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

# Its own rule leaves a link to javascript: or data: as the text it is.
_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_MARKDOWN.disable(["image", "code", "fence"])


def as_html(text, heading):
    """Headings in it are all of one level, which is where the page has it."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{heading}"
    return mark_safe(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S308  (escaped by it)
