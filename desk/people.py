"""Users, kept by administrators who are not masters of the server.

A superuser may do anything, and the role Administração may not: so its members neither make
superusers nor touch those there are, their passwords included. Wagtail would let them.
"""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.users.views.users import CreateView, EditView, UserViewSet


class SuperuserOnlyMixin:
    """A form of a user in which only a superuser makes another."""

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        if not self.request.user.is_superuser and "is_superuser" in form.fields:
            field = form.fields["is_superuser"]
            field.disabled = True
            field.help_text = _("Só quem já tem acesso total pode dá-lo a alguém.")
        return form


class PersonCreateView(SuperuserOnlyMixin, CreateView):
    pass


class PersonEditView(SuperuserOnlyMixin, EditView):
    pass


class PeopleViewSet(UserViewSet):
    add_view_class = PersonCreateView
    edit_view_class = PersonEditView


@hooks.register("before_edit_user")
def only_superusers_edit_superusers(request, user):
    if user.is_superuser and not request.user.is_superuser:
        raise PermissionDenied


@hooks.register("before_bulk_action")
def only_superusers_change_superusers_in_bulk(request, action_type, objects, action):
    if request.user.is_superuser:
        return
    if any(isinstance(person, User) and person.is_superuser for person in objects):
        raise PermissionDenied
