"""Things that begin and end by themselves, at times that the staff sets."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TimeSpanQuerySet(models.QuerySet):
    def at(self, moment: datetime):
        """Those that are on at ``moment``: the start belongs to the span, the end does not."""
        return self.filter(start__lte=moment, end__gt=moment)


class TimeSpanMixin(models.Model):
    """Has ``start`` and ``end``."""

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        if self.start and self.end and self.end <= self.start:
            raise ValidationError({"end": _("O fim tem de vir depois do início.")})

    @property
    def is_on(self) -> bool:
        return self.start <= timezone.now() < self.end

    def state(self) -> str:
        """Where it stands now, in words, as lists of the admin show it."""
        if self.is_on:
            return _("No ar agora")
        return _("Agendado") if self.start > timezone.now() else _("Encerrado")

    state.short_description = _("situação")
