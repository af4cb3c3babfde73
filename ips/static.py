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
