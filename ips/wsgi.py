import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ips.settings")

application = get_wsgi_application()

# Every view is imported before the workers fork, not by the first person who asks for a page.
get_resolver().url_patterns  # noqa: B018
