from django.db import models
from django.utils.translation import gettext_lazy as _


class Stamp(models.Model):
    """One row: what the public pages are made of has this number now.

    Triggers move it, in the transaction of each change: see ``page_cache.triggers``. Numbers only
    grow. They are microseconds since 1970 or, within one of them, the next one: so a database that
    was emptied, or restored from a backup, never gives a number twice.
    """

    #: The only row.
    ROW = 1

    id = models.PositiveSmallIntegerField(primary_key=True, editable=False)
    version = models.BigIntegerField(editable=False)
    #: The version at which a page was last taken from visitors: deleted, unpublished, moved,
    #: restricted or withheld.
    withdrawals = models.BigIntegerField(editable=False)

    class Meta:
        verbose_name = _("carimbo do conteúdo")
        verbose_name_plural = _("carimbo do conteúdo")

    def __str__(self):
        return str(self.version)
