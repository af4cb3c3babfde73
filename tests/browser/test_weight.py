"""What the scoring page loads and what moves in it, measured as the bench does. How fast, no test asks."""

from django.urls import reverse

from bench.browser import LIMITS, first_load, keys_in

from .test_scoring import big_draft, unrated_in

__all__ = ["big_draft"]  # a fixture

MOST_REQUESTS = 20


def test_the_longest_there_is_loads_little(open_browser, big_draft, clinician):
    path = reverse("cans:continue", args=[big_draft.pk])
    weights = first_load(open_browser(clinician), path)
    assert weights[path] > 10_000
    assert any(name.endswith("/ips.css") for name in weights)
    assert sum(weights.values()) <= LIMITS["kB"] * 1000
    assert len(weights) <= MOST_REQUESTS


def test_what_the_bench_presses_is_rated_and_nothing_moves(open_browser, big_draft, clinician):
    before = unrated_in(big_draft)
    seen = keys_in(open_browser(clinician), reverse("cans:continue", args=[big_draft.pk]), keys=3)
    assert unrated_in(big_draft) == before - 3
    assert [len(seen[what]) for what in ("handled", "painted", "saved")] == [3, 3, 3]
    assert seen["shift"] == 0
