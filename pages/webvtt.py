"""A check of WebVTT captions (https://www.w3.org/TR/webvtt1/) that says what is wrong."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_TIMESTAMP = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"^{_TIMESTAMP}[ \t]+-->[ \t]+{_TIMESTAMP}(?:[ \t]+\S.*)?$")


def _milliseconds(hours, minutes, seconds, fraction):
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction)


def validate_webvtt(content: bytes) -> int:
    """Return the number of cues in ``content``.

    Raises ``ValidationError`` naming the line when the text is not UTF-8, does not begin with the
    ``WEBVTT`` signature (WebVTT 1, section 4.1), has a malformed timing line, a cue that ends
    before it begins, cues out of order, or no cue at all.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError(
            _("O arquivo de legendas deve estar em UTF-8. Salve-o de novo nessa codificação.")
        ) from error
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.match(r"^WEBVTT(?:[ \t].*)?$", lines[0]):
        raise ValidationError(
            _("Não é um arquivo WebVTT: a primeira linha deve ser a palavra WEBVTT.")
        )
    cues = 0
    previous_start = 0
    in_comment = False
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            in_comment = False
            continue
        if re.match(r"^(NOTE|STYLE|REGION)\b", line):
            in_comment = True
        if in_comment or "-->" not in line:
            continue
        match = _TIMING.match(line.strip())
        if not match:
            raise ValidationError(
                _(
                    "Linha %(line)d: tempo mal escrito. O certo é, por exemplo, "
                    "00:01.000 --> 00:04.000."
                ),
                params={"line": number},
            )
        start = _milliseconds(*match.groups()[:4])
        end = _milliseconds(*match.groups()[4:])
        if end <= start:
            raise ValidationError(
                _("Linha %(line)d: a legenda termina antes de começar."), params={"line": number}
            )
        if start < previous_start:
            raise ValidationError(
                _("Linha %(line)d: as legendas devem vir em ordem de tempo."),
                params={"line": number},
            )
        previous_start = start
        cues += 1
    if not cues:
        raise ValidationError(_("O arquivo não tem nenhuma legenda."))
    return cues
