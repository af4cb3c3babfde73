from django.apps import AppConfig


class CansConfig(AppConfig):
    name = "cans"
    verbose_name = "CANS"

    def ready(self):
        from cases.signals import dates_changed

        from . import obligations

        def keep_due_dates(sender, case, by, because, **kwargs):
            obligations.refresh(case, by=by, because=because)

        dates_changed.connect(keep_due_dates, weak=False, dispatch_uid="cans.obligations")
