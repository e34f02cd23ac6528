import django.db.models.deletion
from django.db import migrations, models


def make_ordinary(apps, schema_editor):
    """Make accessibility pages ordinary ones again: they have all that those have."""
    using = schema_editor.connection.alias
    kinds = apps.get_model("contenttypes", "ContentType").objects.using(using)
    special = kinds.filter(app_label="pages", model="accessibilitypage").first()
    if special is None:
        return
    ordinary, _ = kinds.get_or_create(app_label="pages", model="standardpage")
    for name in ("Page", "Revision", "WorkflowState", "ReferenceIndex"):
        rows = apps.get_model("wagtailcore", name).objects.using(using)
        rows.filter(content_type_id=special.pk).update(content_type_id=ordinary.pk)


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0005_elections_and_notices"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessibilityPage",
            fields=[
                (
                    "standardpage_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="pages.standardpage",
                    ),
                ),
            ],
            options={
                "verbose_name": "página de acessibilidade",
                "verbose_name_plural": "páginas de acessibilidade",
            },
            bases=("pages.standardpage",),
        ),
        migrations.RunPython(migrations.RunPython.noop, make_ordinary),
        migrations.AddField(
            model_name="siteidentity",
            name="offers_vlibras",
            field=models.BooleanField(
                default=False,
                help_text=(
                    "Põe no alto das páginas em português o link “Traduzir para Libras”. A "
                    "tradução é do VLibras, um serviço do Governo Federal, de fora deste site. "
                    "Nada vem de lá antes que a pessoa peça. Depois, o navegador dela busca o "
                    "tradutor em vlibras.gov.br e em cdn.jsdelivr.net, que ficam sabendo do "
                    "endereço dela, e manda para lá os textos a traduzir. Diga isso na página de "
                    "privacidade antes de ligar."
                ),
                verbose_name="oferecer a tradução para Libras",
            ),
        ),
    ]
