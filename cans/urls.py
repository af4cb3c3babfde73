from django.urls import path

from .views import instruments, listing, page, scoring, setup, starting, summary

app_name = "cans"
urlpatterns = [
    path("", listing.index, name="list"),
    path("start/<int:case_pk>/<int:child_pk>/", starting.start, name="start"),
    path("instrument/", instruments.instrument, name="instrument"),
    path("instrument/load/", instruments.load, name="load_instrument"),
    path("instrument/<int:pk>/", instruments.instrument, name="instrument"),
    path("instrument/<int:pk>/activate/", instruments.activate, name="activate_instrument"),
    path("<int:pk>/", page.detail, name="detail"),
    path("<int:pk>/take-over/", page.take_over, name="take_over"),
    path("<int:pk>/score/", scoring.score, name="continue"),
    path("<int:pk>/score/<slug:section>/", scoring.score, name="score"),
    path("<int:pk>/summary/", summary.summary, name="summary"),
    path("<int:pk>/summary/answers/", summary.answer, name="answer"),
    path("<int:pk>/people/", setup.people, name="people"),
    path("<int:pk>/people/add/", setup.add_sheet, name="add_sheet"),
    path("<int:pk>/people/<int:sheet_pk>/reason/", setup.explain_not_scored, name="explain_not_scored"),
    path("<int:pk>/people/<int:sheet_pk>/score/", setup.score_after_all, name="score_after_all"),
    path("<int:pk>/people/<int:sheet_pk>/drop/", setup.drop_sheet, name="drop_sheet"),
    path("<int:pk>/details/", setup.details, name="details"),
    path("<int:pk>/details/date/", setup.change_date, name="change_date"),
    path("<int:pk>/details/type/", setup.change_type, name="change_type"),
    path("<int:pk>/details/sections/", setup.change_sections, name="change_sections"),
]
