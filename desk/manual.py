"""The editors' manual, read in the admin beside the work that it tells of."""

from dataclasses import dataclass

from django.contrib.staticfiles.finders import find
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from PIL import Image
from wagtail import hooks
from wagtail.admin.menu import MenuItem

#: What publishing a news item with one photo takes, from the admin's first page on. A test in a
#: browser counts it.
CLICKS, FIELDS = 9, 6


@dataclass(frozen=True)
class Picture:
    """A picture of the admin, taken by ``make manual-pictures``."""

    name: str
    alt: str

    @property
    def path(self) -> str:
        return f"manual/{self.name}.png"

    @property
    def size(self) -> tuple[int, int]:
        """In CSS pixels; (0, 0) where the picture is not there."""
        file = find(self.path)
        if not file:
            return 0, 0
        with Image.open(file) as image:
            return image.size


@dataclass(frozen=True)
class Section:
    #: The end of its address, and the name of its template.
    slug: str
    title: str
    pictures: tuple[Picture, ...] = ()

    @property
    def template(self) -> str:
        return f"desk/manual/{self.slug}.html"

    @property
    def url(self) -> str:
        return f"{reverse('manual')}#{self.slug}"

    @property
    def link(self) -> str:
        """The way here from a form, which stays open as it is."""
        return render_to_string("desk/manual/link.html", {"section": self})


SECTIONS = (
    Section("entrar", "Entrar e ver o que espera por você", (
        Picture("entrar", "A primeira página da administração."),
    )),
    Section("noticia", "Publicar uma notícia com foto", (
        Picture("noticia", "O formulário de uma notícia, com título, resumo e capa."),
        Picture("publicar", "O botão de salvar aberto, com a opção de publicar."),
    )),
    Section("texto", "Montar o texto com blocos", (
        Picture("blocos", "A lista dos blocos que o botão de mais oferece."),
    )),
    Section("imagens", "Imagens", (
        Picture("imagem", "O formulário de uma imagem, com a descrição e o crédito."),
    )),
    Section("videos", "Vídeos"),
    Section("biblioteca", "Documentos e a biblioteca de arquivos"),
    Section("paginas", "O que toda página tem"),
    Section("conferencia", "O que o site confere antes de publicar"),
    Section("revisao", "Pedir e fazer a revisão"),
    Section("agendar", "Agendar, corrigir e tirar do ar"),
    Section("inicial", "A página inicial", (
        Picture("inicial", "O formulário da página inicial."),
    )),
    Section("metas", "As metas"),
    Section("institucional", "A página da Assessoria"),
    Section("listas", "A lista das notícias e os assuntos"),
    Section("busca", "A busca e os seus destaques"),
    Section("menus", "Menus, nome e contatos do site"),
    Section("painel", "Páginas a rever e links quebrados"),
    Section("avisos", "Avisos no alto do site"),
    Section("mensagens", "Mensagens de quem visita, e privacidade"),
    Section("eleitoral", "O período eleitoral"),
    Section("lixeira", "Excluir e restaurar", (
        Picture("lixeira", "A lixeira, com uma página que pode ser restaurada."),
    )),
    Section("historico", "O histórico: quem fez o quê"),
    Section("linguas", "Outras línguas"),
    Section("enderecos", "Endereços e redirecionamentos"),
    Section("pessoas", "As pessoas e o que cada uma pode"),
)  # fmt: skip


def manual(request):
    context = {"sections": SECTIONS, "clicks": CLICKS, "fields": FIELDS}
    return render(request, "desk/manual/index.html", context)


@hooks.register("register_admin_urls")
def register_urls():
    return [path("manual/", manual, name="manual")]


@hooks.register("register_admin_menu_item")
def register_menu_item():
    return MenuItem(_("Manual"), reverse("manual"), name="manual", icon_name="help", order=10_000)


@hooks.register("construct_help_menu")
def leave_out_what_is_of_wagtail(request, items):
    """Wagtail's guide and its news are in English, and of no use to who writes here."""
    items[:] = [item for item in items if item.name == "keyboard-shortcuts-trigger"]
