from django.utils.translation import gettext_lazy as _

from ..accessibility_report import AccessibilityReport, latest_report
from .standard import StandardPage


class AccessibilityPage(StandardPage):
    """What the site does so that everybody can use it, and how to report a barrier.

    Lei 13.146/2015, art. 63, asks for the symbol of accessibility on the site, which leads here,
    and eMAG 3.1, among its standard elements, for a page that tells what the site offers. The
    editors write the text; the result of the last test comes from the test itself.
    """

    parent_page_types = ["pages.HomePage"]
    max_count_per_parent = 1
    menu_symbol = "accessibility"
    page_description = _(
        "O que o site faz para que todas as pessoas o usem. O símbolo de acessibilidade no alto "
        "do site leva a ela, e o resultado do último teste entra sozinho."
    )

    class Meta:
        verbose_name = _("página de acessibilidade")
        verbose_name_plural = _("páginas de acessibilidade")

    @property
    def report(self) -> AccessibilityReport | None:
        return latest_report()
