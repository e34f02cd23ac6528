import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def note_the_pages_there_are(apps, schema_editor):
    """Pages that a site has already were reviewed when they were last published."""
    Page = apps.get_model("wagtailcore", "Page")
    PageReview = apps.get_model("desk", "PageReview")
    pages = (
        Page.objects.using(schema_editor.connection.alias)
        .filter(live=True, alias_of__isnull=True, depth__gt=1)
        .exclude(content_type__app_label="wagtailcore")
        .exclude(content_type__app_label="news", content_type__model="articlepage")
        .values_list("pk", "last_published_at", "latest_revision_created_at")
    )
    PageReview.objects.using(schema_editor.connection.alias).bulk_create(
        (
            PageReview(
                page_id=pk,
                reviewed_on=timezone.localdate(published or changed or timezone.now()),
            )
            for pk, published, changed in pages
        ),
        batch_size=500,
    )


#: What the desk lists of tables of Wagtail's and of the library. A migration may not change the
#: models of others, so these are the database's alone.
INDEXES = {
    "desk_page_drafts": "wagtailcore_page (latest_revision_id) WHERE has_unpublished_changes",
    "desk_page_expiring": "wagtailcore_page (expire_at) WHERE expire_at IS NOT NULL",
    "desk_image_uncredited": "pages_siteimage (id) WHERE credit = ''",
}


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0001_roles"),
        ("pages", "0001_initial"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PageReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reviewed_on",
                    models.DateField(db_index=True, editable=False, verbose_name="revisada em"),
                ),
                (
                    "page",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtailcore.page",
                        verbose_name="página",
                    ),
                ),
                (
                    "responsible",
                    models.ForeignKey(
                        blank=True,
                        help_text="Quem confere se a página continua certa.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="responsável",
                    ),
                ),
            ],
            options={
                "verbose_name": "revisão de página",
                "verbose_name_plural": "revisões de páginas",
            },
        ),
        *(
            migrations.RunSQL(f"CREATE INDEX {name} ON {what}", f"DROP INDEX IF EXISTS {name}")
            for name, what in INDEXES.items()
        ),
        migrations.RunPython(note_the_pages_there_are, migrations.RunPython.noop, elidable=True),
    ]
