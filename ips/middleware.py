from django.shortcuts import render

from staff.refusals import NotNow


class NoStoreMiddleware:
    """A child's record must not stay in a browser's or a proxy's cache after its reader has left."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response


class NotNowMiddleware:
    """Wrong moment, wherever it comes up: 409 and the sentence. Forms that keep what was typed
    catch it themselves and answer 409 with the form."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, NotNow):
            return render(request, "409.html", {"why": str(exception)}, status=409)
        return None
