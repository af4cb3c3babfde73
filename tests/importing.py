"""An import without anybody who hears how far it has come."""

from exchange.actions import checking, importing, looking, opened
from exchange.progress import finished
from exchange.reading import reading


def read(name, content, limits):
    return finished(reading(name, content, limits))


def checked(files, *, by, **opening):
    return finished(checking(finished(opened(files, **opening)), by=by))


def import_cases(files, *, by, seal=None, **opening):
    return finished(importing(finished(opened(files, **opening)), by=by, seal=seal))


def looked_at(files, *, by):
    return finished(looking(finished(opened(files)), by=by))
