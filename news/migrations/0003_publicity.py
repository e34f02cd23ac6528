from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("news", "0002_archive"),
        ("pages", "0005_elections_and_notices"),
    ]

    operations = [
        migrations.AddField(
            model_name="articlepage",
            name="is_publicity",
            field=models.BooleanField(
                default=True,
                help_text="Deixe marcado, salvo se a página presta um serviço ou publica o que a lei obriga. O que está marcado sai do ar sozinho no período eleitoral e volta depois (Lei nº 9.504/1997, art. 73, VI, “b”). Na dúvida, deixe marcado e consulte a Procuradoria.",
                verbose_name="é publicidade institucional",
            ),
        ),
        migrations.AddIndex(
            model_name="articlepage",
            index=models.Index(
                condition=models.Q(("is_publicity", False)),
                fields=["-date", "-page_ptr"],
                name="article_exempt_newest",
            ),
        ),
    ]
