"""Readiness as linked sentences: where each problem is put right."""

from django.urls import reverse

from cans.readiness import AT_HOME, NOBODY_CARES, Severity, ready

from .layout import control_url


def where(assessment, sheets):
    """A function from a readiness problem to the address of the control that puts it right."""
    by_pk = {sheet.pk: sheet for sheet in sheets}

    def address(problem):
        if problem.code and problem.sheet in by_pk:
            return control_url(by_pk[problem.sheet], problem.code)
        kind = problem.key.removeprefix("error:").split(":")[0]
        if problem.severity is Severity.WARNING:
            return reverse("cans:summary", args=[assessment.pk]) + f"#{problem.key}"
        if kind == "caregiver-missing":
            return reverse("cans:people", args=[assessment.pk])
        if kind == "age-domain":
            return reverse("cans:details", args=[assessment.pk]) + "#sections"
        if kind.startswith("assessed"):
            return reverse("cans:details", args=[assessment.pk])
        return ""  # the person's own credentials: nothing on these pages puts them right

    return address


def sorted_out(assessment, sheets, parts, found):
    """The problems as the pages show them: errors with links, what is unrated by part, warnings."""
    address = where(assessment, sheets)
    errors = [problem for problem in found if problem.severity is Severity.ERROR]
    warnings = [problem for problem in found if problem.severity is Severity.WARNING]
    return {
        "ready": ready(found),
        "errors": [
            {"sentence": problem.sentence, "url": address(problem)}
            for problem in errors
            if not problem.key.startswith("error:unrated:")
        ],
        "unrated": [part for part in parts if part.unrated],
        "warnings": [
            {
                "key": problem.key,
                "sentence": problem.sentence,
                "answered": problem.answered,
                **_instead(assessment, problem, address),
            }
            for problem in warnings
        ],
        "unanswered": sum(not problem.answered for problem in warnings),
    }


def _instead(assessment, problem, address):
    """Where what the warning is about can be changed, and the words of the link there."""
    if problem.code:
        return {"url": address(problem), "go": "Go to the rating"}
    if problem.key.split(":")[1] in {NOBODY_CARES, AT_HOME}:
        return {"url": assessment.case.get_absolute_url(), "go": "Go to the case"}
    return {"url": "", "go": ""}
