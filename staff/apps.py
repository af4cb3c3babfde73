from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"

    def ready(self):
        from django.core.checks import register

        from .policy import check_policies

        register(check_policies)
