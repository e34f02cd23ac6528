import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0004_trash"),
        ("pages", "0005_elections_and_notices"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ElectionJustification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("page_title", models.CharField(max_length=255, verbose_name="título da página")),
                ("is_publicity", models.BooleanField(verbose_name="publicidade institucional")),
                (
                    "user_name",
                    models.CharField(max_length=255, verbose_name="nome de quem publicou"),
                ),
                ("period_name", models.CharField(max_length=120, verbose_name="eleição")),
                ("text", models.TextField(verbose_name="justificativa")),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, db_index=True, verbose_name="quando"),
                ),
                (
                    "page",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.page",
                        verbose_name="página",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="pages.electionperiod",
                        verbose_name="período eleitoral",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="pessoa",
                    ),
                ),
            ],
            options={
                "verbose_name": "justificativa de publicação",
                "verbose_name_plural": "justificativas de publicação",
                "ordering": ["-created_at", "-pk"],
                "default_permissions": ("view",),
            },
        ),
    ]
