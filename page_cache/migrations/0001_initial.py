from django.db import migrations, models

from page_cache import triggers


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection.alias)


class Migration(migrations.Migration):
    """The stamp. Its triggers are made after each `migrate`, when all tables are there."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Stamp",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.BigIntegerField(editable=False)),
                ("withdrawals", models.BigIntegerField(editable=False)),
            ],
            options={
                "verbose_name": "carimbo do conteúdo",
                "verbose_name_plural": "carimbo do conteúdo",
            },
        ),
        migrations.RunPython(migrations.RunPython.noop, remove),
    ]
