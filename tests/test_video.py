import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from jundiai_global.demo import load
from pages.external_video import parse_external_video
from pages.models import VideoFile, VideoPage
from pages.models.video import VideoCaption
from pages.webvtt import validate_webvtt

GOOD = b"WEBVTT\n\n00:01.000 --> 00:02.500\nOla\n\n00:03.000 --> 00:04.000\nDe novo\n"
MP4 = (load.FOLDER / "amostra.mp4").read_bytes()


def test_good_captions_are_counted():
    assert validate_webvtt(GOOD) == 2
    assert validate_webvtt(b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n")) == 2
    assert validate_webvtt(GOOD + b"\nNOTE a --> b\n\n01:00:00.000 --> 01:00:01.000\nx") == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "WEBVTT"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nSubRip", "WEBVTT"),
        (b"WEBVTT\n\n00:01,000 --> 00:02,000\nx", "Linha 3"),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nx", "termina antes"),
        (b"WEBVTT\n\n00:05.000 --> 00:06.000\nx\n\n00:01.000 --> 00:02.000\ny", "ordem"),
        (b"WEBVTT\n", "nenhuma legenda"),
        (b"WEBVTT\n\n\xff\xfe", "UTF-8"),
    ],
)
def test_bad_captions_are_refused_saying_what_is_wrong(content, words):
    with pytest.raises(ValidationError) as caught:
        validate_webvtt(content)
    assert words in caught.value.messages[0]


@pytest.mark.parametrize(
    ("url", "embed"),
    [
        ("https://www.youtube.com/watch?v=aqz-KE-bpKQ&t=3", "youtube-nocookie.com/embed/aqz-KE-"),
        ("https://youtu.be/aqz-KE-bpKQ?si=x", "youtube-nocookie.com/embed/aqz-KE-bpKQ"),
        ("https://m.youtube.com/shorts/aqz-KE-bpKQ", "youtube-nocookie.com/embed/aqz-KE-bpKQ"),
        ("https://vimeo.com/76979871", "player.vimeo.com/video/76979871?dnt=1"),
        ("https://vimeo.com/76979871/abcdef1234", "h=abcdef1234"),
    ],
)
def test_addresses_of_known_services_lead_to_their_private_players(url, embed):
    assert embed in parse_external_video(url).embed_url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://example.org/watch?v=aqz-KE-bpKQ",
        "https://youtube.com.example.org/watch?v=aqz-KE-bpKQ",
        "https://www.youtube.com/@canal",
        "https://www.youtube.com/watch?v=curto",
        "javascript:alert(1)",
        "https://vimeo.com/about",
        "https://[",
    ],
)
def test_other_addresses_are_no_videos(url):
    assert parse_external_video(url) is None


def upload(name, content):
    video = VideoFile(title="Teste")
    video.file.save(name, ContentFile(content), save=False)
    video.file._committed = False
    video.file.file = ContentFile(content, name=name)
    return video


@pytest.mark.django_db
def test_a_real_video_is_accepted_and_a_renamed_file_is_not():
    upload("bom.mp4", MP4 + b"another").full_clean()
    with pytest.raises(ValidationError) as caught:
        upload("falso.mp4", b"%PDF-1.4 not a video at all").full_clean()
    assert "não é um vídeo MP4" in caught.value.messages[0]
    with pytest.raises(ValidationError):
        upload("bom.webm", MP4).full_clean()
    with pytest.raises(ValidationError):
        upload("bom.exe", MP4).full_clean()


@pytest.mark.django_db
def test_bad_captions_are_refused_at_their_field():
    caption = VideoCaption(video_file=VideoFile.objects.first(), language="en")
    caption.file.file = ContentFile(b"nothing", name="x.vtt")
    caption.file.name = "x.vtt"
    caption.file._committed = False
    with pytest.raises(ValidationError) as caught:
        caption.clean()
    assert "file" in caught.value.message_dict


@pytest.mark.django_db
def test_a_video_has_a_file_or_an_address_but_not_both():
    page = VideoPage(title="x", slug="x", external_url="https://vimeo.com/76979871")
    page.video_file = VideoFile.objects.first()
    with pytest.raises(ValidationError) as caught:
        page.clean()
    assert "não os dois" in " ".join(caught.value.messages)


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, ""), (12, "12 s"), (635, "10 min 35 s"), (3600, "1 h")]
)
def test_durations_are_said_in_words(seconds, words):
    assert VideoPage(duration=seconds).duration_display == words
