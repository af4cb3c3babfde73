import pytest
from django.db import OperationalError, connection


@pytest.mark.django_db
def test_ok_with_the_database_reached(client):
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.content == b"ok\n"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_one_query_and_no_session(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get("/healthz")
    assert not response.cookies


@pytest.mark.django_db
def test_unavailable_without_the_database(client, monkeypatch, caplog):
    def lost(*args, **kwargs):
        raise OperationalError("could not connect to ips at 10.1.2.3")

    monkeypatch.setattr(connection, "cursor", lost)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert b"10.1.2.3" not in response.content
    assert "OperationalError" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_to_be_read(client, method):
    assert getattr(client, method)("/healthz").status_code == 405
