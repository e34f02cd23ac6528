from django.urls import re_path

from .views import send_message

urlpatterns = [
    # No longer numbers than a database has for pages.
    re_path(r"^mensagem/(?P<pk>[0-9]{1,9})/$", send_message, name="send_message"),
]
