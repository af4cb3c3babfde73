"""A list that leaves the house as a file, with whoever exports it: that is on record, with how many rows."""

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from audit.actions import record

from .export import FORMATS, About


def page_of_file(request):
    """There is no file of a day that cannot be asked about: its page says so."""
    page = request.resolver_match.view_name.rpartition("_")[0]
    return redirect(reverse(page, query=request.GET))


@transaction.atomic
def download(request, name, rows, columns, file_format, *, definition, as_of, filters=()):
    """The answer with the file. `columns` are (heading, attribute of a row, …), `filters` (what, chosen)."""
    record(
        "report.export",
        by=request.user,
        subject=name,
        rows=len(rows),
        format=file_format,
        filters=request.GET.urlencode()[:400],
    )
    about = About(
        title=name.replace("-", " ").capitalize(),
        definition=definition,
        as_of=as_of,
        filters=filters,
        by=request.user.name,
        at=timezone.localtime(),
    )
    content_type, write = FORMATS[file_format]
    response = HttpResponse(write(rows, columns, about), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}-{as_of:%Y-%m-%d}.{file_format}"'
    return response
