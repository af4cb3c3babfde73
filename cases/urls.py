from django.urls import path

from exchange.views import export

from .views import adults, assignments, case, children, emergencies, episodes, listing, reassign, services

app_name = "cases"
urlpatterns = [
    path("", listing.listing, name="list"),
    path("new/", case.create, name="create"),
    path("reassign/", reassign.reassign, name="reassign"),
    path("emergency/", emergencies.emergency, name="emergency"),
    path("emergency/<int:pk>/end/", emergencies.end, name="end_emergency"),
    path("emergency/notices/<int:pk>/acknowledge/", emergencies.acknowledge, name="acknowledge"),
    path("services/", services.array, name="service_array"),
    path("services/<int:kind_pk>/retire/", services.retire, name="service_retire"),
    path("services/<int:kind_pk>/restore/", services.restore, name="service_restore"),
    path("<int:pk>/", case.detail, name="detail"),
    path("<int:pk>/edit/", case.edit, name="edit"),
    path("<int:pk>/export.json", export, name="export"),
    path("<int:pk>/timeline/", case.timeline, name="timeline"),
    path("<int:pk>/transfer/", case.transfer, name="transfer"),
    path("<int:pk>/reopen/", episodes.reopen, name="reopen"),
    path("<int:pk>/episodes/<int:episode_pk>/extend/", episodes.extend, name="extend"),
    path("<int:pk>/episodes/<int:episode_pk>/close/", episodes.close, name="close"),
    path("<int:pk>/episodes/<int:episode_pk>/undo-closing/", episodes.undo_closing, name="undo_closing"),
    path(
        "<int:pk>/episodes/<int:episode_pk>/correct-opening/",
        episodes.correct_opening,
        name="correct_opening",
    ),
    path("<int:pk>/extensions/<int:extension_pk>/decide/", episodes.decide, name="decide"),
    path("<int:pk>/children/find/", children.find, name="find_child"),
    path("<int:pk>/children/new/", children.add, name="add_child"),
    path("<int:pk>/children/<int:child_pk>/", children.child, name="child"),
    path("<int:pk>/children/<int:child_pk>/edit/", children.edit, name="edit_child"),
    path("<int:pk>/children/<int:child_pk>/join/", children.join, name="join_child"),
    path("<int:pk>/children/<int:child_pk>/leave/", children.leave, name="leave"),
    path("<int:pk>/children/<int:child_pk>/status/", children.status, name="status"),
    path("<int:pk>/children/<int:child_pk>/services/add/", services.add, name="add_service"),
    path("<int:pk>/stays/<int:stay_pk>/correct/", children.correct_stay, name="correct_stay"),
    path("<int:pk>/services/<int:service_pk>/change/", services.change, name="change_service"),
    path("<int:pk>/adults/find/", adults.find, name="find_adult"),
    path("<int:pk>/adults/new/", adults.create, name="add_adult"),
    path("<int:pk>/adults/<int:adult_pk>/use/", adults.use, name="use_adult"),
    path("<int:pk>/adults/<int:adult_pk>/edit/", adults.edit, name="edit_adult"),
    path("<int:pk>/collaterals/<int:collateral_pk>/end/", adults.end_collateral, name="end_collateral"),
    path("<int:pk>/caregivings/<int:caregiving_pk>/end/", adults.end_caregiving, name="end_caregiving"),
    path("<int:pk>/assignments/add/", assignments.assign, name="assign"),
    path("<int:pk>/assignments/<int:assignment_pk>/end/", assignments.end, name="end_assignment"),
]
