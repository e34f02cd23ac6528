"""Takes documents away from the media, where who knew a name needed no permission."""

from django.core.files.storage import storages
from django.db import migrations, models

import pages.models.documents


def _move(apps, schema_editor, source, target):
    """All files are there before the first is taken away, so that it can be done again."""
    moved = []
    documents = apps.get_model("pages", "SiteDocument").objects
    names = documents.using(schema_editor.connection.alias).exclude(file="")
    for name in names.values_list("file", flat=True).iterator():
        if source.exists(name):
            if not target.exists(name):
                with source.open(name) as content:
                    target.save(name, content)
            moved.append(name)
    for name in moved:
        source.delete(name)


def make_private(apps, schema_editor):
    _move(apps, schema_editor, storages["default"], storages["private"])


def make_public(apps, schema_editor):
    _move(apps, schema_editor, storages["private"], storages["default"])


class Migration(migrations.Migration):
    dependencies = [("pages", "0006_accessibility")]

    operations = [
        migrations.AlterField(
            model_name="sitedocument",
            name="file",
            field=models.FileField(
                storage=pages.models.documents.document_storage,
                upload_to="documents",
                verbose_name="arquivo",
            ),
        ),
        migrations.RunPython(make_private, make_public),
    ]
