from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


@register_setting(icon="user")
class DataOfficer(BaseGenericSetting):
    """Who answers for personal data at the office, to be made public (Lei 13.709/2018, art. 41)."""

    name = models.CharField(
        _("nome"),
        max_length=160,
        blank=True,
        help_text=_("Da pessoa ou da unidade designada pelo Município. Aparece em Privacidade."),
    )
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(
        _("telefone"), max_length=40, blank=True, help_text=_("Com DDD. Exemplo: (11) 0000-0000.")
    )
    url = models.URLField(
        _("endereço na internet"),
        blank=True,
        help_text=_("Página oficial do Município sobre proteção de dados, se houver."),
    )

    panels = [FieldPanel("name"), FieldPanel("email"), FieldPanel("phone"), FieldPanel("url")]

    class Meta:
        verbose_name = _("encarregado de dados pessoais")

    def __str__(self):
        return str(self._meta.verbose_name)

    @classmethod
    def known(cls) -> "DataOfficer | None":
        """The officer, once the office has said who it is and how to reach them."""
        officer = cls.objects.first()
        return officer if officer and officer.is_known else None

    @property
    def is_known(self) -> bool:
        """Whether it says who it is and how to reach them."""
        return bool(self.name and (self.email or self.phone or self.url))
