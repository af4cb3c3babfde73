import os
import secrets
import tempfile

from audit.chain import keys_from


def local_secret_key(directory):
    """The key of a person's own machine: made once, kept in a file that git ignores."""
    return _kept(directory, ".secret_key", lambda: secrets.token_urlsafe(50))


def local_audit_keys(directory):
    return keys_from(_kept(directory, ".audit_key", lambda: f"local:{secrets.token_hex(32)}"))


def _kept(directory, name, make):
    """Two processes that start together must agree on it, hence the link, which only one can make."""
    path = directory / name
    if not path.exists():
        handle, made = tempfile.mkstemp(dir=directory, prefix=f"{name}.")
        with os.fdopen(handle, "w") as file:
            file.write(make())
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(made)
    return path.read_text()
