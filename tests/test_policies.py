"""A view without a declared policy: the system check names it, nothing starts, and no request is served."""

import importlib

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import load_command_class
from django.core.management.base import SystemCheckError
from django.http import HttpResponse
from django.urls import include, path

from ips import urls, wsgi
from staff.policy import POLICIES, check_policies, declared_policy, every_view

pytestmark = pytest.mark.django_db


def forgot(request, pk=None):
    return HttpResponse("the record")


class Urls:
    """The addresses of the project, and one more."""

    urlpatterns = [*urls.urlpatterns, path("late/", include([path("<int:pk>/", forgot, name="forgot")]))]


@pytest.fixture
def forgetful(settings):
    settings.ROOT_URLCONF = Urls


def errors():
    return [error for error in run_checks() if error.id == "staff.E001"]


def test_every_view_declares_one_that_exists():
    assert {declared_policy(view) for _, view in every_view()} <= {"elsewhere", *POLICIES}
    assert errors() == []


def test_every_policy_is_used():
    assert set(POLICIES) - {declared_policy(view) for _, view in every_view()} == set()


def test_the_check_names_the_view_and_its_address(forgetful):
    (error,) = errors()
    assert "“/late/<int:pk>/”" in error.msg
    assert "tests.test_policies.forgot" in error.msg


@pytest.mark.parametrize("command", ["check", "prepare"])
def test_no_command_starts(forgetful, command):
    """As from a terminal: a command called from within another runs no checks again."""
    with pytest.raises(SystemCheckError, match="forgot"):
        load_command_class("django.core" if command == "check" else "ips", command).run_from_argv(
            ["manage.py", command, "--traceback"]
        )


def test_the_server_does_not_start(forgetful):
    with pytest.raises(ImproperlyConfigured, match="forgot"):
        importlib.reload(wsgi)


def test_the_server_starts_where_every_view_has_one():
    importlib.reload(wsgi)


def test_its_request_fails(forgetful, client, clinician):
    client.force_login(clinician)
    client.raise_request_exception = False
    answer = client.get("/late/1/")
    assert answer.status_code == 500
    assert b"the record" not in answer.content


def test_a_class_of_views_is_named_too(settings):
    class View:
        def __call__(self, request):
            return HttpResponse("the record")

    class Here:
        urlpatterns = [path("late/", View())]

    settings.ROOT_URLCONF = Here
    assert "View" in check_policies(None)[0].msg
