"""The first text of the accessibility page, and how a site from before gets the page."""

from django.contrib.contenttypes.models import ContentType
from wagtail.models import Locale, Page, PageLogEntry

from pages.models import AccessibilityPage, HomePage, StandardPage

from .conversion import become

SLUG = "acessibilidade"


def _heading(text: str) -> tuple[str, dict]:
    return ("heading", {"text": text, "level": "2"})


def _rich(html: str) -> tuple[str, str]:
    return ("paragraph", html)


def fields(contact: Page | None) -> dict:
    """What an accessibility page begins with. ``contact`` is the page to which barriers go."""
    where = (
        f'pela página de <a linktype="page" id="{contact.pk}">contato</a>'
        if contact
        else "pelos contatos abaixo"
    )
    return {
        "title": "Acessibilidade",
        "slug": SLUG,
        "summary": (
            "Este site é feito para que todas as pessoas o usem, com qualquer aparelho e "
            "de qualquer modo de ler."
        ),
        "show_contents": True,
        "body": [
            _heading("As regras que seguimos"),
            _rich(
                "<p>O site segue as Diretrizes de Acessibilidade para Conteúdo Web (WCAG) "
                "2.2, nível AA, e o Modelo de Acessibilidade em Governo Eletrônico (eMAG) "
                "3.1, como pede a Lei Brasileira de Inclusão (Lei n° 13.146/2015, art. "
                "63). O contraste dos textos é o do nível AAA. Cada mudança no site passa por "
                "testes automáticos num navegador. O resultado do último está no fim desta "
                "página.</p>"
            ),
            _heading("Atalhos do teclado"),
            _rich(
                "<ul><li><b>1</b>: ir para o conteúdo;</li>"
                "<li><b>2</b>: ir para o menu;</li>"
                "<li><b>3</b>: ir para a busca;</li>"
                "<li><b>4</b>: ir para o rodapé.</li></ul>"
                "<p>No Chrome e no Edge, aperte Alt e o número; no Firefox, Alt, Shift e "
                "o número; no macOS, Control, Option e o número. Com a tecla Tab você "
                "passa por todos os links e botões, e o primeiro Tab de cada página "
                "mostra estes atalhos.</p>"
            ),
            _heading("Cores e tamanho das letras"),
            _rich(
                "<p>No alto de cada página, Alto contraste troca as cores por preto, branco e "
                "amarelo, e A, A+ e A++ mudam o tamanho do texto. A escolha fica guardada só no "
                "seu aparelho; sem JavaScript, vale para a página aberta. O site também obedece "
                "ao tema claro ou escuro, ao alto contraste e ao pedido de menos movimento do "
                "seu aparelho. O zoom do navegador vai até 400% sem que nada se perca.</p>"
            ),
            _heading("Vídeos e imagens"),
            _rich(
                "<p>Os vídeos guardados no site usam o tocador do próprio navegador, com "
                "legendas quando há fala, e a transcrição vem junto. Imagens que informam "
                "têm descrição.</p>"
            ),
            _heading("Limites conhecidos"),
            _rich(
                "<ul><li>Vídeos do YouTube e do Vimeo, quando você os abre, usam o tocador "
                "desses serviços.</li>"
                "<li>Documentos feitos por outros órgãos podem não ser acessíveis.</li>"
                "<li>Os textos não são traduzidos para Libras por intérpretes. Quando o link "
                "“Traduzir para Libras” aparece no alto das páginas, ele abre o VLibras, um "
                "tradutor automático do Governo Federal.</li>"
                "<li>Os testes automáticos não encontram todas as barreiras. Por isso contamos "
                "com quem lê o site.</li></ul>"
            ),
            _heading("Encontrou uma barreira?"),
            _rich(
                f"<p>Conte-nos {where}: diga em que página estava, o que tentou fazer e que "
                "aparelho e tecnologia usava.</p>"
            ),
            ("contact", None),
        ],
    }


def bring_up_to_date() -> AccessibilityPage | None:
    """Give a site from before this kind of page its own; None where there is nothing to do.

    An ordinary page at its address becomes one, with all that is known of it: address, history,
    drafts, translations. Its text is written anew only where no person ever changed it. Where the
    editors deleted the page, it does not come back.
    """
    if AccessibilityPage.objects.exists() or _was_deleted():
        return None
    home = HomePage.objects.filter(locale=Locale.get_default(), live=True).first()
    if home is None:
        return None
    contact = Page.objects.child_of(home).filter(slug="contato").live().first()
    before = StandardPage.objects.child_of(home).filter(slug=SLUG).first()
    if before is None:
        if Page.objects.child_of(home).filter(slug=SLUG).exists():
            return None
        page = home.add_child(instance=AccessibilityPage(**fields(contact)))
        page.save_revision().publish()
        return page
    is_ours = not before.revisions.filter(user__isnull=False).exists()
    pages = StandardPage.objects.filter(translation_key=before.translation_key)
    for page in pages:
        become(page, AccessibilityPage)
    page = AccessibilityPage.objects.get(pk=before.pk)
    if is_ours and page.live:
        for name, value in fields(contact).items():
            setattr(page, name, value)
        page.save_revision().publish()
    return page


def _was_deleted() -> bool:
    kind = ContentType.objects.get_for_model(AccessibilityPage)
    return PageLogEntry.objects.filter(content_type=kind, action="wagtail.delete").exists()
