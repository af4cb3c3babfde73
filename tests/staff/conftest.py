import pytest

from staff.models import Cover
from tests import factories


@pytest.fixture
def cover(supervisor, other_supervisor):
    """Otto stands in for Sana, from a week ago through a week from now."""
    return Cover.objects.create(
        supervisor=supervisor,
        cover=other_supervisor,
        starts=factories.days(-7),
        ends=factories.days(7),
        named_by=supervisor,
    )
