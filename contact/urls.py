from django.urls import path

from .views import send_message

urlpatterns = [path("mensagem/<int:pk>/", send_message, name="send_message")]
