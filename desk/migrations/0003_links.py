import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("desk", "0002_page_review"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("external", "Outro site"),
                            ("page", "Página do site"),
                            ("document", "Documento"),
                            ("image", "Imagem"),
                            ("path", "Endereço neste site"),
                        ],
                        editable=False,
                        max_length=10,
                        verbose_name="leva a",
                    ),
                ),
                ("address", models.TextField(blank=True, editable=False, verbose_name="endereço")),
                ("target", models.BigIntegerField(editable=False, null=True)),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Ainda não checado"),
                            ("good", "Funciona"),
                            ("suspect", "Falhou uma vez"),
                            ("refused", "Não deixa checar"),
                            ("broken", "Quebrado"),
                        ],
                        default="waiting",
                        editable=False,
                        max_length=10,
                        verbose_name="situação",
                    ),
                ),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("deleted_page", "A página do site a que o link leva foi apagada."),
                            (
                                "unpublished",
                                "A página do site a que o link leva não está publicada.",
                            ),
                            ("private", "O link leva a algo que só pessoas autorizadas podem ver."),
                            ("deleted_document", "O documento foi apagado da biblioteca."),
                            ("deleted_image", "A imagem foi apagada da biblioteca."),
                            ("no_such_path", "Não há nada neste endereço do site."),
                            (
                                "no_such_part",
                                "A página existe, mas não tem a parte que o link aponta.",
                            ),
                            ("own_error", "O site responde com erro neste endereço."),
                            ("gone", "O outro site diz que esta página não existe."),
                            ("client_error", "O outro site não aceita este endereço."),
                            ("server_error", "O outro site responde com erro."),
                            ("timeout", "O outro site demora demais a responder."),
                            ("unreachable", "Não foi possível conectar ao outro site."),
                            ("unknown_host", "Não existe site com este nome."),
                            ("insecure", "O certificado de segurança do outro site não é válido."),
                            ("endless", "O outro site redireciona sem parar."),
                            (
                                "not_public",
                                "O endereço é de uma rede interna: os visitantes não o alcançam.",
                            ),
                            ("malformed", "O endereço está malformado."),
                            ("scheme", "Navegadores não abrem este tipo de endereço."),
                            (
                                "refused",
                                "O outro site não deixa checar. Abra o link para conferir.",
                            ),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="problema",
                    ),
                ),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        editable=False, null=True, verbose_name="resposta"
                    ),
                ),
                (
                    "failing_since",
                    models.DateField(editable=False, null=True, verbose_name="desde"),
                ),
                (
                    "checked_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="checado em"),
                ),
            ],
            options={
                "verbose_name": "destino de link",
                "verbose_name_plural": "destinos de links",
                "indexes": [
                    models.Index(fields=["kind", "checked_at"], name="desk_link_due"),
                    models.Index(
                        condition=models.Q(("state__in", ["suspect", "refused", "broken"])),
                        fields=["state"],
                        name="desk_link_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object_id", models.BigIntegerField(editable=False, null=True)),
                (
                    "title",
                    models.CharField(
                        blank=True, editable=False, max_length=255, verbose_name="título"
                    ),
                ),
                ("collected_at", models.DateTimeField(editable=False)),
                (
                    "content_type",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contenttypes.contenttype",
                    ),
                ),
                (
                    "page",
                    models.OneToOneField(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="link_place",
                        to="wagtailcore.page",
                        verbose_name="página",
                    ),
                ),
            ],
            options={
                "verbose_name": "lugar de links",
                "verbose_name_plural": "lugares de links",
            },
        ),
        migrations.CreateModel(
            name="LinkUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "text",
                    models.CharField(
                        blank=True, editable=False, max_length=250, verbose_name="texto do link"
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uses",
                        to="desk.link",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uses",
                        to="desk.linkplace",
                    ),
                ),
            ],
            options={
                "verbose_name": "link",
                "verbose_name_plural": "links",
            },
        ),
        migrations.AddConstraint(
            model_name="linkplace",
            constraint=models.UniqueConstraint(
                fields=("content_type", "object_id"), name="desk_one_place_per_thing"
            ),
        ),
        migrations.AddConstraint(
            model_name="linkplace",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("page__isnull", False),
                    models.Q(("content_type__isnull", False), ("object_id__gte", 0)),
                    _connector="OR",
                ),
                name="desk_place_is_something",
            ),
        ),
    ]
