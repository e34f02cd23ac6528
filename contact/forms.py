from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from .consent import current_consent
from .tokens import Token, TokenError, make_token, read_token

MAX_NAME, MAX_SUBJECT, MAX_TEXT = 120, 120, 5000

#: A line break would let a sender add headers to the e-mail (RFC 5322, 2.2).
one_line = RegexValidator(
    r"[\x00-\x1f\x7f\x85\u2028\u2029]",
    _("Escreva numa linha só, sem quebras de linha."),
    code="lines",
    inverse_match=True,
)


@dataclass(frozen=True)
class Fault:
    """A line of the summary of errors (WCAG 2.2, 3.3.1)."""

    text: str
    #: The id of the field that it leads to; empty when it is about the whole form.
    field_id: str = ""


class ContactForm(forms.Form):
    """A message to the office. It keeps what was typed, whatever is wrong with it."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Nome"),
        required=False,
        max_length=MAX_NAME,
        validators=[one_line],
        error_messages={
            "max_length": _("Encurte o nome: cabem %(limit_value)d letras, e há %(show_value)d.")
        },
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("Para onde vai a resposta. Exemplo: nome@exemplo.org"),
        error_messages={
            "required": _("Escreva o seu e-mail: é para onde vai a resposta."),
            "invalid": _("Confira o e-mail. Ele deve ser como nome@exemplo.org"),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    subject = forms.CharField(
        label=_("Assunto"),
        max_length=MAX_SUBJECT,
        validators=[one_line],
        error_messages={
            "required": _("Diga o assunto, em poucas palavras."),
            "max_length": _(
                "Encurte o assunto: cabem %(limit_value)d letras, e há %(show_value)d."
            ),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    text = forms.CharField(
        label=_("Mensagem"),
        max_length=MAX_TEXT,
        help_text=_("Até 5.000 letras. Não escreva dados de saúde, senhas ou documentos."),
        error_messages={
            "required": _("Escreva a mensagem."),
            "max_length": _(
                "Encurte a mensagem: cabem %(limit_value)d letras, e há %(show_value)d."
            ),
        },
        widget=forms.Textarea(attrs={"rows": 9, "autocomplete": "off"}),
    )
    consent = forms.BooleanField(
        error_messages={
            "required": _("Marque a caixa: sem a sua concordância não podemos guardar a mensagem.")
        },
    )
    #: Seen by programs only. Whoever fills it in is asked again.
    homepage = forms.CharField(
        label=_("Deixe este campo em branco"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    token = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, page=None, user=None, **kwargs):
        """``user`` is what Wagtail's form pages hand over; nobody needs to be known here."""
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.page = page
        self.fields["consent"].label = current_consent().agreement

    @cached_property
    def sent_token(self) -> Token | None:
        """The token of the form that was sent, None when it is not good."""
        try:
            return read_token(self.data.get("token", ""), self.page.pk)
        except TokenError:
            return None

    @property
    def next_token(self) -> str:
        """What the form must carry when it is shown: as long as it is good, the same again."""
        is_good = self.is_bound and self.sent_token and not self.is_used_up
        return self.data["token"] if is_good else make_token(self.page.pk)

    #: Set when another message came with the same token.
    is_used_up = False

    def clean_text(self) -> str:
        return self.cleaned_data["text"].replace("\r\n", "\n")

    def clean(self):
        cleaned = super().clean()
        # People first mend what they wrote, which takes time anyhow.
        if not self.errors:
            self._look_for_programs()
        return cleaned

    def _look_for_programs(self):
        if self.sent_token is None:
            self.add_error(
                None,
                _(
                    "A página ficou aberta por muito tempo, ou não veio inteira. O que você "
                    "escreveu está aqui: envie de novo."
                ),
            )
        elif self.data.get("homepage"):
            self.add_error(
                None,
                _(
                    "O envio pareceu vir de um programa, que preencheu um campo escondido. O que "
                    "você escreveu está aqui: envie de novo."
                ),
            )
        elif self.sent_token.is_too_young:
            self.add_error(
                None,
                _(
                    "O envio foi rápido demais e pareceu vir de um programa. O que você escreveu "
                    "está aqui: espere alguns segundos e envie de novo."
                ),
            )

    def refuse_used_token(self):
        """Ask to send again what came with the token of another message."""
        self.is_used_up = True
        self.add_error(
            None,
            _(
                "Outra mensagem já foi enviada por esta página. Se esta é uma nova, espere alguns "
                "segundos e envie de novo."
            ),
        )

    def ask_to_wait(self, seconds: int):
        minutes = -(-seconds // 60)
        self.add_error(
            None,
            _(
                "Vieram muitas mensagens da sua conexão em pouco tempo. O que você escreveu está "
                "aqui: envie de novo daqui a %(minutes)d min."
            )
            % {"minutes": minutes},
        )

    @property
    def shown_fields(self) -> list[forms.BoundField]:
        """The fields that have a label beside or above them, in order."""
        return [self[name] for name in ("name", "email", "subject", "text")]

    @property
    def faults(self) -> list[Fault]:
        """All that is wrong, in the order of the fields."""
        whole = [Fault(text) for text in self.non_field_errors()]
        return whole + [
            Fault(text, self[name].id_for_label)
            for name in self.fields
            if name in self.errors
            for text in self.errors[name]
        ]

    @property
    def purpose(self) -> str:
        """What is said beside the form of its data."""
        return current_consent().purpose_for(settings.CONTACT_MESSAGES_KEPT_DAYS)
