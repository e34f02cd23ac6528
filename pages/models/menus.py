from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, PageChooserPanel
from wagtail.models import Locale, Orderable, Page, TranslatableMixin

from ..sites import address_of
from ..targets import require_one_target
from ..visibility import published_q


@dataclass(frozen=True)
class MenuLink:
    """A menu entry as a page shows it."""

    label: str
    url: str
    #: The entry leads to the page being read.
    is_current: bool = False
    #: The page being read is below the one the entry leads to.
    is_section: bool = False
    #: Name of a symbol that stands beside the label.
    symbol: str = ""


class Menu(TranslatableMixin, ClusterableModel):
    """A list of links in the site's frame, kept by the editors, in one language."""

    class Location(models.TextChoices):
        MAIN = "main", _("Principal, no alto")
        UTILITY = "utility", _("Barra de acesso, acima do nome do site")
        FOOTER = "footer", _("Coluna do rodapé")

    title = models.CharField(
        _("título"),
        max_length=60,
        help_text=_("No rodapé, aparece acima da coluna; nos outros lugares, só aqui."),
    )
    location = models.CharField(
        _("lugar"), max_length=10, choices=Location.choices, help_text=_("Onde o menu aparece.")
    )
    sort_order = models.PositiveSmallIntegerField(
        _("ordem"), default=0, help_text=_("Ordem das colunas do rodapé, da menor para a maior.")
    )

    panels = [
        FieldPanel("title"),
        FieldPanel("location"),
        FieldPanel("sort_order"),
        InlinePanel(
            "items",
            heading=_("Itens"),
            label=_("item"),
            help_text=_("Na ordem em que aparecem. Páginas fora do ar somem do menu sozinhas."),
        ),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("menu")
        verbose_name_plural = _("menus")
        ordering = ["location", "sort_order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["locale", "location"],
                condition=~Q(location="footer"),
                name="one_main_and_one_utility_menu_per_locale",
            )
        ]

    def __str__(self):
        return self.title

    def clean(self):
        super().clean()
        if not self.location or self.location == self.Location.FOOTER:
            return
        locale_id = self.locale_id or Locale.get_default().pk
        twins = Menu.objects.filter(locale_id=locale_id, location=self.location)
        if twins.exclude(pk=self.pk).exists():
            raise ValidationError(
                {"location": _("Já existe um menu neste lugar, nesta língua. Edite o que existe.")}
            )


class MenuItemQuerySet(models.QuerySet):
    def shown_in(self, language_code: str):
        """Entries of every menu in a language, in order, without those whose page is not public."""
        return (
            self.filter(menu__locale__language_code=language_code)
            .filter(Q(page__isnull=True) | published_q("page__"))
            .select_related("menu", "page")
            .order_by("menu__location", "menu__sort_order", "menu_id", "sort_order")
        )


class MenuItem(Orderable):
    menu = ParentalKey(Menu, on_delete=models.CASCADE, related_name="items")
    page = models.ForeignKey(
        "wagtailcore.Page",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("página do site"),
    )
    url = models.CharField(
        _("outro endereço"),
        max_length=500,
        blank=True,
        help_text=_("Endereço completo (https://…) ou caminho neste site (/busca/)."),
    )
    label = models.CharField(
        _("texto do link"),
        max_length=80,
        blank=True,
        help_text=_("Se ficar vazio, usa-se o título da página."),
    )

    objects = MenuItemQuerySet.as_manager()

    panels = [PageChooserPanel("page"), FieldPanel("url"), FieldPanel("label")]

    class Meta(Orderable.Meta):
        verbose_name = _("item de menu")
        verbose_name_plural = _("itens de menu")

    def __str__(self):
        return self.label or (self.page.title if self.page else self.url)

    def clean(self):
        super().clean()
        require_one_target(self.page_id, self.url)
        if self.url and not self.url.startswith(("https://", "http://", "/", "mailto:", "tel:")):
            raise ValidationError(
                {"url": _("Comece o endereço por https:// ou, neste site, por uma barra.")}
            )
        if self.url.startswith("//"):
            raise ValidationError({"url": _("Comece o endereço por https://.")})
        if self.url and not self.label:
            raise ValidationError({"label": _("Diga o texto do link.")})

    def link(self, request, current_page: Page | None) -> MenuLink:
        """The entry as seen from ``current_page``, which is None outside the page tree."""
        if not self.page:
            is_current = current_page is None and self.url == getattr(request, "path", None)
            return MenuLink(self.label, self.url, is_current=is_current)
        is_current = bool(current_page) and current_page.pk == self.page_id
        is_home = self.page.depth <= 2
        is_section = bool(
            current_page
            and not is_current
            and not is_home
            and (current_page.path or "").startswith(self.page.path)
        )
        symbol = getattr(self.page.specific_class, "menu_symbol", "")
        url = address_of(self.page, request)
        return MenuLink(str(self), url, is_current, is_section, symbol)
