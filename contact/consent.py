"""What a visitor is told and agrees to before a message is sent (Lei 13.709/2018, arts. 8 and 9).

A message keeps the number of the text that its sender agreed to. So a text is never changed: a new
one gets the next number, and the former ones stay.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Consent:
    #: What the data are for, and for how long they are kept: with ``%(days)d``.
    purpose: Any
    #: What the sender says by ticking the box.
    agreement: Any

    def purpose_for(self, days: int) -> str:
        return str(self.purpose) % {"days": days}


CONSENTS = {
    1: Consent(
        purpose=_(
            "Usamos estes dados só para ler a sua mensagem e responder a ela. Ela fica guardada "
            "neste site por %(days)d dias e depois é apagada sozinha, e é enviada por e-mail às "
            "pessoas da Assessoria que respondem. Você pode pedir a qualquer momento uma cópia do "
            "que enviou, ou que tudo seja apagado antes."
        ),
        agreement=_("Concordo que a Assessoria use estes dados para me responder."),
    ),
}
#: The number of the text that is shown now.
CURRENT = max(CONSENTS)


def current_consent() -> Consent:
    return CONSENTS[CURRENT]
