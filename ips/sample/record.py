"""What the verbs would have left in the record of acts, for the small sample: a whole chain at once."""

from approvals.models import Step
from audit.actions import append, entry
from cans.models import Assessment
from cases.models import CaseEvent


def write_record(cases):
    chains = {}
    for case, row in [*_of_cases(cases), *_of_cans(cases)]:
        chains.setdefault(case.agency_id, []).append(row)
    for agency in sorted(chains):
        append(agency, sorted(chains[agency], key=lambda row: row["at"]))


def _of_cases(cases):
    for event in CaseEvent.objects.filter(case__in=cases).select_related("case", "by").order_by("pk"):
        yield (
            event.case,
            entry(
                f"case.{event.kind}",
                {"reason": event.reason},
                by=event.by,
                subject=f"case {event.case_id}",
                case=event.case,
                at=event.at,
            ),
        )


def _of_cans(cases):
    for cans in Assessment.objects.filter(case__in=cases).select_related("case", "started_by").order_by("pk"):
        yield cans.case, _act("start", cans, cans.started_by, cans.started_at, {"type": cans.type})
    steps = Step.objects.filter(assessment__case__in=cases).select_related("assessment__case", "by")
    for step in steps.order_by("pk"):
        detail = {"step": step.pk, "from": step.from_state, "to": step.to_state}
        yield step.assessment.case, _act(step.action, step.assessment, step.by, step.at, detail)


def _act(verb, cans, by, at, detail):
    return entry(f"assessment.{verb}", detail, by=by, subject=f"assessment {cans.pk}", case=cans.case, at=at)
