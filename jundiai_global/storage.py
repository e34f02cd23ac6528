"""Static files as browsers should get them: one style sheet, hashed names, compressed."""

from pathlib import Path

import lightningcss
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

#: The style sheet that imports all others.
ENTRY = "css/site.css"
#: Browsers for which the bundle is written (https://browsersl.ist/).
BROWSERS = ["defaults", "Safari >= 15.4", "Chrome >= 99", "Firefox >= 97"]


def bundled(entry: Path) -> bytes:
    """The sheet at ``entry`` with all that it imports, minified."""
    return lightningcss.bundle_css(str(entry), minify=True, browsers_list=BROWSERS).encode()


def _is_in_bundle(name: str) -> bool:
    return name.startswith("css/") and name not in (ENTRY, "css/admin.css")


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Joins and minifies the small style sheets into one before names are hashed."""

    def post_process(self, paths, dry_run=False, **options):
        if ENTRY in paths and not dry_run:
            self._bundle(paths)
        yield from super().post_process(paths, dry_run, **options)

    def made_of(self, name: str, source: Path) -> bytes | None:
        """What is collected as ``name``; None for a sheet that is in the bundle only."""
        if name == ENTRY:
            return bundled(source)
        return None if _is_in_bundle(name) else source.read_bytes()

    def _bundle(self, paths):
        """Write the bundle over the entry, and drop the sheets that it now contains."""
        bundle = bundled(Path(self.path(ENTRY)))
        self.delete(ENTRY)
        self._save(ENTRY, ContentFile(bundle))
        paths[ENTRY] = (self, ENTRY)
        for name in list(paths):
            if _is_in_bundle(name):
                del paths[name]
                self.delete(name)
