from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"

    def ready(self):
        from django.core.checks import register

        from .mail import check_mail_settings
        from .policy import check_policies

        register(check_policies)
        register(check_mail_settings, deploy=True)
