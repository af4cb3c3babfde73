"""What a form brings along of texts that several people may write: what was changed, and what was seen."""

from cans.saving import plain

SEEN = "seen-"


def written(post, prefix):
    """(key → text, of what the person changed; key → the text that the page had shown). What they left as it
    was is not theirs to write: somebody else may have changed it since."""
    texts, seen = _texts(post, prefix), _texts(post, SEEN + prefix)
    changed = {key: text for key, text in texts.items() if key not in seen or text != seen[key]}
    return changed, seen


def _texts(post, prefix):
    return {name.removeprefix(prefix): plain(text) for name, text in post.items() if name.startswith(prefix)}
