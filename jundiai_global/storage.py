"""Static files as browsers should get them: one style sheet, hashed names, compressed."""

from pathlib import Path

import lightningcss
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

#: The style sheet that imports all others.
ENTRY = "css/site.css"
#: Browsers for which the bundle is written (https://browsersl.ist/).
BROWSERS = ["defaults", "Safari >= 15.4", "Chrome >= 99", "Firefox >= 97"]


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Joins and minifies the small style sheets into one before names are hashed."""

    def post_process(self, paths, dry_run=False, **options):
        if ENTRY in paths and not dry_run:
            self._bundle(paths)
        yield from super().post_process(paths, dry_run, **options)

    def _bundle(self, paths):
        """Write the bundle over the entry, and drop the sheets that it now contains."""
        bundle = lightningcss.bundle_css(
            str(Path(self.path(ENTRY))), minify=True, browsers_list=BROWSERS
        )
        self.delete(ENTRY)
        self._save(ENTRY, ContentFile(bundle.encode()))
        paths[ENTRY] = (self, ENTRY)
        for name in list(paths):
            if name.startswith("css/") and name not in (ENTRY, "css/admin.css"):
                del paths[name]
                self.delete(name)
