from dataclasses import fields
from pathlib import Path

from django.core.management.base import BaseCommand

from operations import nginx


class Command(BaseCommand):
    help = (
        "Writes the configuration of nginx into a folder, made of the settings of the site: "
        "site.conf, to be included in `http`, upstream.conf and nginx's own pages."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        for field in fields(nginx.Machine):
            name = f"--{field.name.replace('_', '-')}"
            if field.name in ("brotli", "ipv6"):
                parser.add_argument(name, action="store_true")
            elif field.name.endswith("port"):
                parser.add_argument(name, default=field.default)
            elif field.name != "folder":
                kind = str if field.name == "upstream" else Path
                parser.add_argument(name, type=kind, required=True)

    def handle(self, **options):
        chosen = {field.name: options[field.name] for field in fields(nginx.Machine)}
        nginx.write_files(nginx.Machine(**chosen))
