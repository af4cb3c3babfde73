from django.core.management.base import BaseCommand

from approvals.workflow import printed


class Command(BaseCommand):
    help = "Prints the workflow's table and diagram: python manage.py print_workflow > docs/workflow.md"

    def handle(self, *args, **options):
        self.stdout.write(printed(), ending="")
