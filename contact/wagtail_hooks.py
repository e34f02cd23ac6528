from django.urls import include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from . import admin_views as views
from .models import ContactPage


@hooks.register("register_admin_urls")
def register_urls():
    patterns = [
        path("", views.MessagesView.as_view(), name="index"),
        path("resultados/", views.MessagesView.as_view(results_only=True), name="index_results"),
        path("pessoa/", views.PersonView.as_view(), name="person"),
        path("<int:pk>/", views.MessageView.as_view(), name="read"),
        path("<int:pk>/respondida/", views.mark_answered, name="answered"),
        path("<int:pk>/apagar/", views.EraseView.as_view(), name="erase"),
    ]
    return [path("mensagens/", include((patterns, "contact_messages")))]


class MessagesMenuItem(MenuItem):
    def is_shown(self, request):
        return views.may_read(request.user)


@hooks.register("register_admin_menu_item")
def register_menu_item():
    return MessagesMenuItem(
        _("Mensagens"),
        reverse("contact_messages:index"),
        name="mensagens",
        icon_name="mail",
        order=350,
    )


@hooks.register("filter_form_submissions_for_user")
def keep_messages_in_one_place(user, pages):
    """Wagtail shows a form's submissions to all who may edit its page, and lets them delete them.

    Ours are read in `contact.admin_views`, by those who may.
    """
    return pages.exclude(pk__in=ContactPage.objects.values("pk"))


@hooks.register("register_log_actions")
def register_log_actions(actions):
    actions.register_action(
        views.ANSWERED, _("Responder mensagem"), _("Deu a mensagem por respondida")
    )
    actions.register_action(
        views.REOPENED, _("Reabrir mensagem"), _("Pôs a mensagem de volta entre as por responder")
    )
    actions.register_action(views.ERASED, _("Apagar mensagem"), _("Apagou a mensagem"))
    actions.register_action(
        views.EXPORTED, _("Exportar mensagens"), _("Exportou a mensagem a pedido de quem a enviou")
    )
