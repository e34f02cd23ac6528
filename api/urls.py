from django.urls import path, re_path

from . import views

urlpatterns = [
    path("", views.start, name="api"),
    path("openapi.json", views.openapi, name="openapi"),
    path("noticias.csv", views.news_csv, name="news_csv"),
    path("<slug:name>/", views.items, name="api_items"),
    path("<slug:name>/<uuid:key>/", views.item, name="api_item"),
    # Without the slash at the end Django leads to the address with it.
    re_path("^.*/$", views.not_found),
]
