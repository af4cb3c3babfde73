import pytest
from django.core.exceptions import ValidationError

from tests import factories
from tests.factories import days


@pytest.fixture
def parallel(agency, case):
    """A parallel worker of the case, of another team."""
    person = factories.make_person("clinician", agency=agency, name="Pat Parallel", username="clinician2")
    factories.assign(case, person, kind="parallel", starts=days(-5))
    return person


@pytest.fixture
def episode(case):
    return case.episodes.get()


@pytest.fixture
def stay(child):
    return child.memberships.get()


@pytest.fixture
def wrong():
    """Run a verb that refuses what was typed; the sentences by field."""

    def refused(verb, *args, **kwargs):
        with pytest.raises(ValidationError) as caught:
            verb(*args, **kwargs)
        return {field: " ".join(found) for field, found in caught.value.message_dict.items()}

    return refused
