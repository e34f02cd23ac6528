import json

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation
from django.utils.translation import gettext, ngettext

from operations import doctor
from operations.doctor.findings import Severity


class Command(BaseCommand):
    help = (
        "Examines this installation and says in Portuguese what is wrong and how to mend it. Ends "
        "with status 0 when all is well, 1 with warnings, 2 with faults. Changes nothing."
    )
    # It makes them itself, and goes on.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="For programs: one JSON object.")
        parser.add_argument(
            "--only",
            nargs="+",
            metavar="PART",
            choices=sorted(doctor.CHECKS),
            default=(),
            help=f"Only some parts: {', '.join(doctor.CHECKS)}.",
        )

    def handle(self, *args, only, verbosity, **options):
        with translation.override(settings.LANGUAGE_CODE):
            told = list(doctor.examine(tuple(only)))
            if options["json"]:
                self._write_json(told)
            else:
                self._write(told, with_what_is_well=verbosity > 0)
        if status := doctor.worst(told):
            raise SystemExit(int(status))

    def _write_json(self, told: list[doctor.Told]) -> None:
        findings = [
            {
                "part": each.part,
                "check": each.check,
                "severity": each.finding.severity.name.lower(),
                "message": str(each.finding.message),
                "remedy": str(each.finding.remedy),
            }
            for each in told
        ]
        status = doctor.worst(told).name.lower()
        self.stdout.write(
            json.dumps({"status": status, "findings": findings}, ensure_ascii=False, indent=2)
        )

    def _write(self, told: list[doctor.Told], with_what_is_well: bool) -> None:
        marks = {
            Severity.WELL: self.style.SUCCESS(gettext("bem")),
            Severity.WARNING: self.style.WARNING(gettext("atenção")),
            Severity.FAULT: self.style.ERROR(gettext("defeito")),
        }
        part = ""
        for each in told:
            if not with_what_is_well and each.finding.severity is Severity.WELL:
                continue
            if each.part != part:
                part = each.part
                self.stdout.write(self.style.MIGRATE_HEADING(str(doctor.CHECKS[part][0])))
            self.stdout.write(f"  {marks[each.finding.severity]}: {each.finding.message}")
            if each.finding.remedy:
                self.stdout.write(f"    → {each.finding.remedy}")
        self._sum_up(told)

    def _sum_up(self, told: list[doctor.Told]) -> None:
        faults = sum(each.finding.severity is Severity.FAULT for each in told)
        warnings = sum(each.finding.severity is Severity.WARNING for each in told)
        if not faults and not warnings:
            self.stdout.write(self.style.SUCCESS(gettext("Tudo bem.")))
            return
        self.stdout.write(
            ngettext("%(count)d defeito", "%(count)d defeitos", faults) % {"count": faults}
            + ", "
            + ngettext("%(count)d aviso", "%(count)d avisos", warnings) % {"count": warnings}
            + "."
        )
