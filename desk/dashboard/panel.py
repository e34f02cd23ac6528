from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.components import Component
from wagtail.images.permissions import permission_policy as image_permission_policy

from ..reach import may_change_pages
from .work_lists import WORK_LISTS


@dataclass(frozen=True)
class Beginning:
    """Where a piece of work begins."""

    label: str
    address: str
    icon: str


def beginnings(user) -> list[Beginning]:
    """What ``user`` may begin from the admin's first page."""
    found = []
    if may_change_pages(user):
        write = reverse("articles:choose_parent")
        found.append(Beginning(_("Escrever uma notícia"), write, "edit"))
    if image_permission_policy.user_has_permission(user, "add"):
        send = reverse("wagtailimages:add_multiple")
        found.append(Beginning(_("Enviar imagens"), send, "image"))
    found.append(Beginning(_("Ler o manual"), reverse("manual"), "help"))
    return found


class DeskPanel(Component):
    """What an editor may begin, and what waits. A list that is empty is not shown."""

    name = "desk"
    template_name = "desk/dashboard/desk.html"
    order = 100

    def __init__(self, user):
        self._user = user

    def get_context_data(self, parent_context):
        lists = [shown for shown in WORK_LISTS if shown.is_for(self._user)]
        sections = [shown.beginning(self._user) for shown in lists]
        return {
            "beginnings": beginnings(self._user),
            "sections": [section for section in sections if section.count],
        }
