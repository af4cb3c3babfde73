import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ips.settings")

application = get_wsgi_application()

from staff.policy import refuse_to_serve  # noqa: E402  (its room has models: only once Django is set up)

# Every view is imported before the workers fork, not by the first person who asks for a page; and
# one that has no policy keeps the whole server from starting.
refuse_to_serve()

# What is loaded by now stays for good: to look through it for garbage again and again took a third of the
# time of a long report, and would copy it into each worker.
gc.collect()
gc.freeze()
