from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel

from ..timespan import TimeSpanMixin, TimeSpanQuerySet

#: The law withholds three months; a period of more than half a year is a slip of the pen.
LONGEST = timedelta(days=184)


class ElectionPeriod(TimeSpanMixin, models.Model):
    """The months in which institutional publicity is withheld (Lei 9.504/1997, art. 73, VI, "b").

    It begins and ends by itself, at the times set.
    """

    name = models.CharField(
        _("eleição"), max_length=120, help_text=_("Exemplo: Eleições municipais de 2028.")
    )
    start = models.DateTimeField(
        _("início"),
        help_text=_(
            "Quando as notícias e os vídeos saem do ar: três meses antes da eleição, no primeiro "
            "minuto do dia. No horário de Brasília."
        ),
    )
    end = models.DateTimeField(
        _("fim"),
        help_text=_(
            "Quando tudo volta: depois da eleição, e do segundo turno se houver. Pode-se mudar "
            "durante o período."
        ),
    )
    notice = models.TextField(
        _("texto do aviso"),
        max_length=1000,
        blank=True,
        help_text=_(
            "O que o visitante lê no lugar das notícias e dos vídeos. Vazio, o site usa um texto "
            "pronto, que cita a lei e existe nas três línguas; um texto seu aparece nas páginas "
            "em português."
        ),
    )

    objects = TimeSpanQuerySet.as_manager()

    panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("start"), FieldPanel("end")]),
        FieldPanel("notice"),
    ]

    class Meta:
        verbose_name = _("período eleitoral")
        verbose_name_plural = _("períodos eleitorais")
        ordering = ["-start"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gt=F("start")), name="election_ends_after_start"
            )
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        if not (self.start and self.end):
            return
        if self.end - self.start > LONGEST:
            raise ValidationError(
                {"end": _("O período tem mais de seis meses. Confira o ano e o mês.")}
            )
        others = ElectionPeriod.objects.exclude(pk=self.pk)
        twin = others.filter(start__lt=self.end, end__gt=self.start).first()
        if twin:
            raise ValidationError(
                {
                    "start": _("Estas datas se sobrepõem às de “%(name)s”. Edite o que já existe.")
                    % {"name": twin.name}
                }
            )


def last_day(end) -> date:
    """The last day on which a period that ends at ``end`` is on, where the office is."""
    return timezone.localtime(
        end - timedelta(microseconds=1), timezone.get_default_timezone()
    ).date()


def usual_notice() -> str:
    """What visitors read where the staff wrote nothing else, in the active language."""
    return gettext(
        "Nos três meses antes das eleições municipais, a lei manda retirar a publicidade "
        "institucional dos órgãos públicos (Lei nº 9.504/1997, art. 73, VI, “b”). Por isso as "
        "notícias e os vídeos deste site estão fora do ar. Os serviços, os contatos e o que a lei "
        "obriga a publicar continuam aqui. Nada foi apagado: tudo volta depois das eleições."
    )
