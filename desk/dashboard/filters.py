"""How the whole lists are narrowed."""

import django_filters
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import ContentTypeFilter, WagtailFilterSet
from wagtail.admin.utils import get_user_display_name
from wagtail.images import get_image_model
from wagtail.models import Collection, Locale, Page, get_page_content_types

from ..models import Link, LinkUse, PageReview, Problem

NOBODY = _("Ninguém")


class _PersonField(django_filters.fields.ModelChoiceField):
    def label_from_instance(self, person):
        # Wagtail asks this too of the choice that means nobody.
        return get_user_display_name(person) or NOBODY


class _PersonFilter(django_filters.ModelChoiceFilter):
    field_class = _PersonField


class LanguageFilterSet(WagtailFilterSet):
    locale = django_filters.ModelChoiceFilter(
        label=_("Língua"), queryset=Locale.objects.all(), empty_label=_("Todas")
    )

    class Meta:
        model = Page
        fields = ["locale"]


class PageFilterSet(LanguageFilterSet):
    content_type = ContentTypeFilter(
        label=_("Tipo"),
        queryset=lambda request: get_page_content_types(include_base_page_type=False),
        empty_label=_("Todos"),
    )

    class Meta(LanguageFilterSet.Meta):
        fields = ["content_type", "locale"]


class ReviewFilterSet(WagtailFilterSet):
    responsible = _PersonFilter(
        label=_("Responsável"),
        queryset=lambda request: get_user_model().objects.filter(
            pk__in=PageReview.objects.filter(responsible__isnull=False).values("responsible")
        ),
        empty_label=_("Qualquer pessoa"),
        null_label=NOBODY,
    )
    locale = django_filters.ModelChoiceFilter(
        label=_("Língua"),
        field_name="page__locale",
        queryset=Locale.objects.all(),
        empty_label=_("Todas"),
    )

    class Meta:
        model = PageReview
        fields = ["responsible", "locale"]


class LinkFilterSet(WagtailFilterSet):
    #: The list shows broken links while no other state is asked for.
    state = django_filters.ChoiceFilter(
        label=_("Situação"),
        field_name="link__state",
        empty_label=_("Quebrados"),
        choices=[(state.value, state.label) for state in (Link.State.SUSPECT, Link.State.REFUSED)],
    )
    kind = django_filters.ChoiceFilter(
        label=_("Leva a"),
        field_name="link__kind",
        choices=Link.Kind.choices,
        empty_label=_("Qualquer coisa"),
    )
    problem = django_filters.ChoiceFilter(
        label=_("Problema"),
        field_name="link__problem",
        choices=Problem.choices,
        empty_label=_("Todos"),
    )

    class Meta:
        model = LinkUse
        fields = ["state", "kind", "problem"]


class ImageFilterSet(WagtailFilterSet):
    collection = django_filters.ModelChoiceFilter(
        label=_("Coleção"), queryset=Collection.objects.all(), empty_label=_("Todas")
    )

    class Meta:
        model = get_image_model()
        fields = ["collection"]
