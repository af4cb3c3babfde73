"""A list that leaves the house as a file, with whoever exports it. On record are the file, by its digest,
what it was asked for, and with each case that is in it who took it along, and which children of it.
"""

import hashlib

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from audit.actions import record
from audit.models import Reading

from .export import FORMATS, About
from .readings import note_shown


def page_of_file(request):
    """There is no file of a day that cannot be asked about: its page says so."""
    page = request.resolver_match.view_name.rpartition("_")[0]
    return redirect(reverse(page, query=request.GET))


@transaction.atomic
def download(request, name, rows, columns, file_format, *, shown, definition, as_of, filters=()):
    """The answer with the file. `columns` are (heading, attribute of a row, …), `shown` the (case, child)
    whose record each row is of, `filters` (what, chosen)."""
    about = About(
        title=name.replace("-", " ").capitalize(),
        definition=definition,
        as_of=as_of,
        filters=filters,
        by=request.user.name,
        at=timezone.localtime(),
    )
    content_type, write = FORMATS[file_format]
    content = write(rows, columns, about)
    note_shown(Reading.IN_A_FILE + name, by=request.user, shown=shown)
    record(
        "report.export",
        by=request.user,
        subject=name,
        rows=len(rows),
        format=file_format,
        as_of=as_of.isoformat(),
        filters=request.GET.urlencode(),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}-{as_of:%Y-%m-%d}.{file_format}"'
    return response
