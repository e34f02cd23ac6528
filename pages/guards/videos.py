"""Videos for those who do not hear or see (WCAG 2.2, 1.2.1, 1.2.2 and 1.2.3; eMAG 3.1, 5.1).

Whether a video has sound cannot be told here. So a transcript is enough to publish a file without
captions, which serves a silent one, and captions without a transcript too; what may be missing is
advice. Captions kept by another service cannot be seen from here: there the transcript is needed.
"""

from collections.abc import Iterator

from django.utils.translation import gettext

from ..markup import plain_text
from .content import Content
from .finding import Finding, Place, advice, error


def video_has_an_alternative(content: Content) -> Iterator[Finding]:
    video = content.page
    if not video.is_video:
        return
    has_transcript = bool(plain_text(video.transcript))
    if video.video_file:
        yield from _of_file(video, has_transcript)
    elif not video.external_url:
        yield error(
            Place("video_file"),
            "video-missing",
            gettext("Escolha o arquivo do vídeo ou escreva o endereço dele."),
        )
    elif not has_transcript:
        yield error(
            Place("transcript"),
            "video-without-transcript",
            gettext(
                "Escreva a transcrição: o que se fala e o que se vê de importante. Não há como "
                "saber se o vídeo do outro serviço tem legendas."
            ),
        )


def _of_file(video, has_transcript: bool) -> Iterator[Finding]:
    languages = {caption.language for caption in video.video_file.captions.all()}
    has_captions = video.language_code in languages
    if not has_captions and not has_transcript:
        yield error(
            Place("transcript"),
            "video-without-alternative",
            gettext(
                "O vídeo não tem legendas na língua da página nem transcrição. Envie as legendas "
                "em Arquivos de vídeo e escreva aqui a transcrição."
            ),
        )
    elif not has_captions:
        yield advice(
            Place("video_file"),
            "video-without-captions",
            gettext(
                "O vídeo não tem legendas na língua da página. Se nele alguém fala, envie-as em "
                "Arquivos de vídeo."
            ),
        )
    elif not has_transcript:
        yield advice(
            Place("transcript"),
            "video-without-transcript",
            gettext("Escreva a transcrição: quem não ouve nem vê, ou prefere ler, depende dela."),
        )
