def posted(request):
    """What was sent, an empty form too: `or None` would take that for a page just opened."""
    return request.POST if request.method == "POST" else None
