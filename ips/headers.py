"""What every answer tells the browser to keep shut."""

from csp.constants import HEADER as CONTENT_SECURITY
from csp.utils import build_policy

REFUSED = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
)
PERMISSIONS = ", ".join(
    [
        *(f"{name}=()" for name in REFUSED),
        "publickey-credentials-get=(self)",
        "publickey-credentials-create=(self)",
    ]
)


class HeadersMiddleware:
    """What Django has no setting for: no page of ours uses these, so nothing that got in may either.

    No page has an inline script to make an exception for, so the policy of the settings is put together
    once, and not for each answer as django-csp's own middleware does.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.policy = build_policy()

    def __call__(self, request):
        response = self.get_response(request)
        response[CONTENT_SECURITY] = self.policy
        response["Permissions-Policy"] = PERMISSIONS
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
