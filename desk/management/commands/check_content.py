from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation
from django.utils.translation import gettext, ngettext

from desk.publishing import edit_url
from pages.guards.published import published_findings


class Command(BaseCommand):
    help = (
        "Lists, in Portuguese, the published pages in which the editors have something to mend, "
        "with their addresses in the admin. Ends with status 1 when a page has what would hold "
        "it back today."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--errors-only",
            action="store_true",
            help="Leave out what is advice only.",
        )

    def handle(self, *args, errors_only, **options):
        with translation.override(settings.LANGUAGE_CODE):
            pages_with_errors = self._report(errors_only)
        if pages_with_errors:
            raise SystemExit(1)

    def _report(self, errors_only: bool) -> int:
        told = with_errors = 0
        for page, found in published_findings():
            has_errors = any(finding.is_error for finding in found)
            if errors_only:
                found = [finding for finding in found if finding.is_error]
            if not found:
                continue
            told += 1
            with_errors += has_errors
            self.stdout.write(f"{page.title}\n  {settings.WAGTAILADMIN_BASE_URL}{edit_url(page)}")
            for message, is_error in dict.fromkeys(
                (finding.message, finding.is_error) for finding in found
            ):
                self.stdout.write(f"  {self._mark(is_error)}: {message}")
        self.stdout.write(
            ngettext(
                "%(count)d página publicada tem o que corrigir ou melhorar.",
                "%(count)d páginas publicadas têm o que corrigir ou melhorar.",
                told,
            )
            % {"count": told}
            if told
            else gettext("Nenhuma página publicada tem o que corrigir.")
        )
        return with_errors

    def _mark(self, is_error: bool) -> str:
        if is_error:
            return self.style.ERROR(gettext("corrigir"))
        return self.style.WARNING(gettext("melhorar"))
