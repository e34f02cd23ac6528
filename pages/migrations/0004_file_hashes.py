"""Notes the hashes of files that came before hashes were noted, so that twins are recognised."""

from django.db import migrations
from wagtail.utils.file import hash_filelike

MODELS = ("SiteDocument", "SiteImage", "VideoCaption", "VideoFile")


def note_hashes(apps, schema_editor):
    for name in MODELS:
        stored = apps.get_model("pages", name).objects.using(schema_editor.connection.alias)
        for thing in stored.filter(file_hash="").exclude(file="").iterator():
            try:
                with thing.file.open("rb") as content:
                    file_hash = hash_filelike(content)
            except OSError:  # a file that is missing has no hash
                continue
            stored.filter(pk=thing.pk).update(file_hash=file_hash)


class Migration(migrations.Migration):
    dependencies = [("pages", "0003_library")]

    operations = [migrations.RunPython(note_hashes, migrations.RunPython.noop)]
