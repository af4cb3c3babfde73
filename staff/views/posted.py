from django.shortcuts import render

from staff.refusals import NotNow


def posted(request):
    """What was sent, an empty form too: `or None` would take that for a page just opened."""
    return request.POST if request.method == "POST" else None


def form_page(request, form, act, template, context):
    """The form, or what it leads to; where the moment is wrong, the sentence above what was typed."""
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            return act(form.cleaned_data)
        except NotNow as why:
            form.add_error(None, str(why))
            status = 409
    return render(request, template, {"form": form, **context}, status=status)
