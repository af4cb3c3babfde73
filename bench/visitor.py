"""A signed-in person who asks the application for pages, in this process, as a web server would."""

import time
from dataclasses import dataclass
from http.cookies import SimpleCookie

from django.conf import settings
from django.test import Client, RequestFactory

from ips.wsgi import application


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict
    body: bytes
    cpu: float  # milliseconds of this process

    @property
    def text(self):
        return self.body.decode()


class Visitor:
    """Keeps cookies. The whole handler runs, from the environment of the request to `close()`: all
    middleware, the CSRF check and the closing of the database connection with it."""

    def __init__(self, user):
        client = Client()
        client.force_login(user)
        self.person = user.pk
        name = settings.SESSION_COOKIE_NAME
        self.cookies = {name: client.cookies[name].value}
        self.factory = RequestFactory()

    def ask(self, path, data=None):
        """Get it, or post this to it."""
        how = {"method": "GET"} if data is None else {"method": "POST", "data": data}
        return self._answer(self._environ(path, **how))

    def patch(self, path, text, **headers):
        """Send this JSON as a script does."""
        sent = {"data": text, "content_type": "application/json", "headers": headers}
        return self._answer(self._environ(path, method="PATCH", **sent))

    def _answer(self, environ):
        said = {}

        def start_response(status, headers, exc_info=None):
            said.update(status=int(status.split()[0]), headers=headers)

        began = time.process_time()
        response = application(environ, start_response)
        body = b"".join(response)
        response.close()
        cpu = (time.process_time() - began) * 1000
        self._keep_cookies(said["headers"])
        return Answer(said["status"], dict(said["headers"]), body, cpu)

    def _environ(self, path, *, method, data=None, **more):
        extra = {
            "HTTP_HOST": "127.0.0.1",
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        ask = getattr(self.factory, method.lower())
        return ask(path, data, **more, **extra).environ

    def _keep_cookies(self, headers):
        for name, value in headers:
            if name == "Set-Cookie":
                for morsel in SimpleCookie(value).values():
                    self.cookies[morsel.key] = morsel.value
