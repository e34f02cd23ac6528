import uuid

import django.db.models.deletion
import django.utils.timezone
import wagtail.models.preview
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0004_file_hashes"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="videopage",
            name="is_publicity",
            field=models.BooleanField(
                default=True,
                help_text="Deixe marcado, salvo se a página presta um serviço ou publica o que a lei obriga. O que está marcado sai do ar sozinho no período eleitoral e volta depois (Lei nº 9.504/1997, art. 73, VI, “b”). Na dúvida, deixe marcado e consulte a Procuradoria.",
                verbose_name="é publicidade institucional",
            ),
        ),
        migrations.CreateModel(
            name="ElectionPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="Exemplo: Eleições municipais de 2028.",
                        max_length=120,
                        verbose_name="eleição",
                    ),
                ),
                (
                    "start",
                    models.DateTimeField(
                        help_text="Quando as notícias e os vídeos saem do ar: três meses antes da eleição, no primeiro minuto do dia. No horário de Brasília.",
                        verbose_name="início",
                    ),
                ),
                (
                    "end",
                    models.DateTimeField(
                        help_text="Quando tudo volta: depois da eleição, e do segundo turno se houver. Pode-se mudar durante o período.",
                        verbose_name="fim",
                    ),
                ),
                (
                    "notice",
                    models.TextField(
                        blank=True,
                        help_text="O que o visitante lê no lugar das notícias e dos vídeos. Vazio, o site usa um texto pronto, que cita a lei e existe nas três línguas; um texto seu aparece nas páginas em português.",
                        max_length=1000,
                        verbose_name="texto do aviso",
                    ),
                ),
            ],
            options={
                "verbose_name": "período eleitoral",
                "verbose_name_plural": "períodos eleitorais",
                "ordering": ["-start"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("end__gt", models.F("start"))),
                        name="election_ends_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SiteNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("translation_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "text",
                    models.CharField(
                        help_text="Uma ou duas frases: o que acontece, até quando, o que a pessoa deve fazer.",
                        max_length=300,
                        verbose_name="texto",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("information", "Informação"),
                            ("warning", "Atenção"),
                            ("urgent", "Urgente"),
                        ],
                        default="information",
                        help_text="“Urgente” é lido em voz alta na hora por leitores de tela: só para o que não pode esperar.",
                        max_length=12,
                        verbose_name="importância",
                    ),
                ),
                (
                    "url",
                    models.CharField(
                        blank=True,
                        help_text="Endereço completo (https://…) ou caminho neste site (/busca/).",
                        max_length=500,
                        verbose_name="outro endereço",
                    ),
                ),
                (
                    "link_label",
                    models.CharField(
                        blank=True,
                        help_text="Se ficar vazio, usa-se o título da página.",
                        max_length=80,
                        verbose_name="texto do link",
                    ),
                ),
                (
                    "start",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        help_text="Quando o aviso aparece.",
                        verbose_name="início",
                    ),
                ),
                (
                    "end",
                    models.DateTimeField(
                        help_text="Quando o aviso some, sozinho.", verbose_name="fim"
                    ),
                ),
                (
                    "locale",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtailcore.locale",
                        verbose_name="locale",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.page",
                        verbose_name="página do site",
                    ),
                ),
            ],
            options={
                "verbose_name": "aviso",
                "verbose_name_plural": "avisos",
                "ordering": ["-start", "pk"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("end__gt", models.F("start"))),
                        name="notice_ends_after_start",
                    )
                ],
                "unique_together": {("translation_key", "locale")},
            },
            bases=(wagtail.models.preview.PreviewableMixin, models.Model),
        ),
    ]
