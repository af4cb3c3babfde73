"""Is the server there, and does it reach its database? For a load balancer; says nothing else."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from staff.policy import policy

logger = logging.getLogger(__name__)


@policy("public")
@login_not_required
@never_cache
@require_safe
def healthz(request):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError) as why:
        logger.error("healthz: the database cannot be reached (%s)", type(why).__name__)
        connection.close()
        return HttpResponse("database unreachable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
