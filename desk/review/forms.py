from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.utils import get_user_display_name
from wagtail.permissions import page_permission_policy

from ..models import PageReview


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, person):
        return get_user_display_name(person)


class ReviewForm(forms.ModelForm):
    """Who answers for a page: one of those who may change it."""

    class Meta:
        model = PageReview
        fields = ["responsible"]
        field_classes = {"responsible": PersonField}

    def __init__(self, *args, page, **kwargs):
        super().__init__(*args, **kwargs)
        people = page_permission_policy.users_with_any_permission_for_instance(
            {"change", "publish"}, page
        )
        # Whoever answers for it now stays a choice, also when no longer allowed to change it.
        choices = Q(pk__in=people.values("pk")) | Q(pk=self.instance.responsible_id)
        self.fields["responsible"].empty_label = _("Ninguém")
        self.fields["responsible"].queryset = (
            get_user_model().objects.filter(choices).order_by("first_name", "username")
        )
