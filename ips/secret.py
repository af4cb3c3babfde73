import os
import secrets
import tempfile


def local_secret_key(directory):
    """The key of a person's own machine: made once, kept in a file that git ignores.

    Two processes that start together must agree on it, hence the link, which only one can make.
    """
    path = directory / ".secret_key"
    if not path.exists():
        handle, made = tempfile.mkstemp(dir=directory, prefix=".secret_key.")
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(made)
    return path.read_text()
