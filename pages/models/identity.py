from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.blocks import CharBlock, StructBlock, URLBlock
from wagtail.fields import StreamField
from wagtail.models import Locale, TranslatableMixin

from ..languages import in_language


class SocialLinkBlock(StructBlock):
    label = CharBlock(label=_("Nome"), max_length=60, help_text=_("Exemplo: Instagram."))
    url = URLBlock(label=_("Endereço"))

    class Meta:
        icon = "link"
        label = _("Perfil")


class SiteIdentityQuerySet(models.QuerySet):
    def for_language(self, language_code: str):
        """The identity in ``language_code`` or, until it is translated, in the default language."""
        return in_language(self.select_related("locale"), language_code)


class SiteIdentity(TranslatableMixin, models.Model):
    """Who speaks on the site and how to reach them: one for each language."""

    name = models.CharField(
        _("nome do site"),
        max_length=80,
        help_text=_("Aparece no cabeçalho e no título das páginas."),
    )
    office = models.CharField(
        _("nome do órgão"),
        max_length=160,
        blank=True,
        help_text=_("Aparece abaixo do nome do site."),
    )
    affiliation = models.CharField(
        _("vínculo"),
        max_length=250,
        blank=True,
        help_text=_("A que unidade o órgão pertence. Aparece no rodapé."),
    )
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("Aparece no rodapé e na página de contato.")
    )
    phone = models.CharField(
        _("telefone"), max_length=40, blank=True, help_text=_("Com DDD. Exemplo: (11) 0000-0000.")
    )
    address = models.TextField(
        _("endereço"),
        max_length=300,
        blank=True,
        help_text=_("Como num envelope, uma linha para cada parte."),
    )
    hours = models.CharField(
        _("horário de atendimento"),
        max_length=160,
        blank=True,
        help_text=_("Exemplo: de segunda a sexta, das 9h às 17h."),
    )
    coordinates = models.CharField(
        _("coordenadas"),
        max_length=60,
        blank=True,
        help_text=_("Latitude e longitude da cidade, como aparecem no rodapé."),
    )
    social_links = StreamField(
        [("profile", SocialLinkBlock())],
        blank=True,
        verbose_name=_("perfis em redes sociais"),
        help_text=_("Só perfis oficiais."),
    )

    offers_vlibras = models.BooleanField(
        _("oferecer a tradução para Libras"),
        default=False,
        help_text=_(
            "Põe no alto das páginas em português o link “Traduzir para Libras”. A tradução é do "
            "VLibras, um serviço do Governo Federal, de fora deste site. Nada vem de lá antes que "
            "a pessoa peça. Depois, o navegador dela busca o tradutor em vlibras.gov.br e em "
            "cdn.jsdelivr.net, que ficam sabendo do endereço dela, e manda para lá os textos a "
            "traduzir. Diga isso na página de privacidade antes de ligar."
        ),
    )

    objects = SiteIdentityQuerySet.as_manager()

    panels = [
        MultiFieldPanel(
            [FieldPanel("name"), FieldPanel("office"), FieldPanel("affiliation")],
            heading=_("Quem somos"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("email"),
                FieldPanel("phone"),
                FieldPanel("address"),
                FieldPanel("hours"),
                FieldPanel("coordinates"),
            ],
            heading=_("Como nos encontrar"),
        ),
        FieldPanel("social_links"),
        MultiFieldPanel([FieldPanel("offers_vlibras")], heading=_("Libras")),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("identidade do site")
        verbose_name_plural = _("identidade do site")
        constraints = [
            models.UniqueConstraint(fields=["locale"], name="one_site_identity_per_locale")
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        locale_id = self.locale_id or Locale.get_default().pk
        if SiteIdentity.objects.filter(locale_id=locale_id).exclude(pk=self.pk).exists():
            raise ValidationError(
                _("Já existe uma identidade do site nesta língua. Edite a que existe.")
            )

    @property
    def language_code(self) -> str:
        return self.locale.language_code

    @property
    def has_contacts(self) -> bool:
        return any((self.email, self.phone, self.hours, self.address))
