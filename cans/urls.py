app_name = "cans"
urlpatterns = []
