from django.db import migrations

ENGLISH, PORTUGUESE = "Root", "Raiz"


def rename(before, after):
    def run(apps, schema_editor):
        roots = apps.get_model("wagtailcore", "Page").objects.filter(depth=1, title=before)
        roots.update(title=after, draft_title=after)

    return run


class Migration(migrations.Migration):
    """The root of all pages, which editors meet in lists and choosers, speaks Portuguese."""

    dependencies = [
        ("desk", "0005_election_justification"),
        ("wagtailcore", "0040_page_draft_title"),
    ]
    operations = [
        migrations.RunPython(rename(ENGLISH, PORTUGUESE), rename(PORTUGUESE, ENGLISH)),
    ]
