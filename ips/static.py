import hashlib
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Our scripts name one another by their hashed names too, so that a page never mixes two releases."""

    # Django's own patterns for this read the comments of other people's scripts as imports, and stop.
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        (
            "js/*.js",
            (
                (r"""(?P<matched>\bfrom "(?P<url>\.[^"]+)")""", 'from "%(url)s"'),
                (r"""(?m)^(?P<matched>import "(?P<url>\.[^"]+)")""", 'import "%(url)s"'),
            ),
        ),
    )
    # A file's hash follows those of the files it imports: as many passes as the longest chain of imports.
    max_post_process_passes = 20


def collect():
    """`collectstatic`, unless nothing has changed since: neither what is collected, nor how, nor what
    was made of it."""
    stamp = Path(settings.STATIC_ROOT, "collected")
    if stamp.is_file() and stamp.read_text() == _fingerprint(stamp):
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(_fingerprint(stamp))


def _fingerprint(stamp):
    sources = [Path(there.path(name)) for finder in get_finders() for name, there in finder.list([])]
    made = [path for path in stamp.parent.rglob("*") if path.is_file() and path != stamp]
    found = hashlib.sha256(f"{version('django')} {version('whitenoise')}".encode())
    for path in sorted({Path(__file__), *sources, *made}):
        looked_at = path.stat()
        found.update(repr((str(path), looked_at.st_size, looked_at.st_mtime_ns)).encode())
    return found.hexdigest()
