"""The samples: two dozen news items that say so, each showing editors one thing of the site."""

from dataclasses import dataclass

CATEGORIES = (
    ("Acordos", "acordos"),
    ("Cidades-irmãs", "cidades-irmas"),
    ("Eventos", "eventos"),
    ("Missões", "missoes"),
    ("Oportunidades", "oportunidades"),
)

#: Title of each picture and what it shows; the title seeds the drawing.
PICTURES = (
    "Amostra: rotas sobre a serra",
    "Amostra: círculos no vale",
    "Amostra: horizonte de terra",
    "Amostra: noite na serra",
    "Amostra: caminho do leste",
    "Amostra: ponto de partida",
    "Amostra: serra e planície",
    "Amostra: encontro de rotas",
)
PICTURE_DESCRIPTION = (
    "Desenho de amostra: círculos que partem de um ponto, sobre o perfil de uma serra"
)
PICTURE_CREDIT = "Desenho feito pelo próprio site"

NOTICE = (
    "fact_box",
    {
        "title": "Isto é uma amostra",
        "text": (
            "<p>Esta notícia não conta nada que aconteceu. Foi posta aqui para mostrar o site "
            "cheio e ensinar a usá-lo; o comando <b>make demo-remove</b> a retira.</p>"
        ),
    },
)


def text(*paragraphs: str) -> tuple[str, str]:
    return ("paragraph", "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))


def head(words: str, level: str = "2") -> tuple[str, dict]:
    return ("heading", {"text": words, "level": level})


@dataclass(frozen=True)
class Sample:
    title: str
    summary: str
    body: tuple = ()
    #: Blocks that need things of the library, by name: see ``load_demo``.
    extras: tuple[str, ...] = ()
    has_cover: bool = True
    goals: tuple[int, ...] = ()
    category: int | None = None
    credits: str = "Texto de amostra"


_COMMON = text(
    "O leitor decide em poucos segundos se continua. Por isso a primeira frase diz o que "
    "aconteceu, onde e para quem importa, e as seguintes vão do mais ao menos importante.",
    "Frases curtas, na ordem direta, com palavras que se usam na rua, são lidas por mais gente "
    "e traduzidas com menos erros.",
)

SAMPLES = (
    Sample(
        "Amostra: como se escreve uma manchete",
        "Uma boa manchete diz o fato com verbo, em até setenta letras, e cabe em duas linhas no celular.",
        (_COMMON,),
        goals=(0,),
        category=2,
    ),
    Sample(
        "Amostra: o resumo vale mais que o título",
        "É ele que aparece nas listas, nos buscadores e no WhatsApp. Uma ou duas frases bastam, sem repetir a manchete.",
        (_COMMON,),
        goals=(0, 1),
        category=4,
    ),
    Sample(
        "Amostra: todos os blocos de texto numa página só",
        "Intertítulos, citação, quadro, itens que se abrem, tabela e botão: o que se pode pôr no corpo de uma notícia.",
        (
            head("Um intertítulo divide o texto"),
            _COMMON,
            (
                "quote",
                {
                    "text": "A citação destaca a fala de alguém e diz quem falou.",
                    "author": "Nome de amostra",
                    "role": "Cargo de amostra",
                },
            ),
            head("Um intertítulo menor, dentro da parte", "3"),
            (
                "accordion",
                {
                    "items": [
                        {
                            "title": "Quando usar itens que se abrem?",
                            "text": "<p>Em perguntas e respostas, quando cada leitor precisa de uma só.</p>",
                        },
                        {
                            "title": "E quando não usar?",
                            "text": "<p>Quando todos devem ler tudo.</p>",
                        },
                    ]
                },
            ),
            head("Uma tabela com cabeçalhos"),
            ("table", "sister_cities"),
            (
                "call_to_action",
                {
                    "title": "Uma chamada com botão",
                    "text": "Leva o leitor a fazer alguma coisa.",
                    "label": "Conhecer a Prefeitura",
                    "page": None,
                    "external_url": "https://jundiai.sp.gov.br/",
                },
            ),
        ),
        goals=(2,),
        category=1,
    ),
    Sample(
        "Amostra: galeria de imagens, mapa e documentos",
        "Como mostrar várias imagens lado a lado, um lugar e arquivos para baixar.",
        (_COMMON,),
        ("image", "gallery", "map", "documents"),
        goals=(0,),
        category=2,
    ),
    Sample(
        "Amostra: um vídeo no meio do texto",
        "O vídeo toca na própria página, com legendas, e a transcrição vem logo abaixo.",
        (_COMMON,),
        ("video",),
        goals=(1,),
        category=4,
    ),
    Sample(
        "Amostra: notícia sem imagem",
        "Quando não há foto, o site faz um desenho a partir do título. Cada título tem o seu.",
        (_COMMON,),
        has_cover=False,
        category=2,
    ),
    Sample(
        "Amostra: o texto alternativo de uma imagem",
        "Quem não vê a imagem ouve a descrição. Diga o que ela mostra e por que está ali, em uma frase.",
        (_COMMON,),
        ("image",),
        category=2,
    ),
    Sample(
        "Amostra: o ponto de interesse de uma foto",
        "Marque o rosto ou o objeto principal e o site o mantém à vista em todos os recortes.",
        (_COMMON,),
        goals=(3,),
        category=3,
    ),
    Sample(
        "Amostra: crédito e legenda",
        "A legenda diz o que o leitor deve saber; o crédito, quem fez a imagem.",
        (_COMMON,),
        ("image",),
        category=0,
    ),
    Sample(
        "Amostra: escolher a notícia fixada da página inicial",
        "Uma notícia importante pode ficar em primeiro lugar por alguns dias, qualquer que seja a data.",
        (_COMMON,),
        category=4,
    ),
    Sample(
        "Amostra: escolher o vídeo em destaque",
        "O vídeo da página inicial é um dos vídeos do site. Troca-se em dois cliques.",
        (_COMMON,),
        goals=(1,),
        category=4,
    ),
    Sample(
        "Amostra: ligar uma notícia às metas",
        "Quando uma notícia serve a uma meta da Assessoria, aparece também na página dessa meta.",
        (_COMMON,),
        goals=(0, 1, 2, 3),
        category=0,
    ),
    Sample(
        "Amostra: um título comprido, daqueles que a cerimônia exige, com nomes de instituições inteiras por extenso e a palavra internacionalização",
        "O leiaute aguenta títulos longos, mas o leitor agradece os curtos.",
        (_COMMON,),
        category=3,
    ),
    Sample(
        "Amostra: o que o site confere antes de publicar",
        "Descrição das imagens, links claros, intertítulos em ordem: um rascunho pode esperar por eles, a publicação não.",
        (_COMMON,),
        category=2,
    ),
    Sample(
        "Amostra: notícia sem assunto",
        "O assunto ajuda o leitor a filtrar a lista, mas pode ficar vazio.",
        (_COMMON,),
    ),
    Sample(
        "Amostra: programar a publicação",
        "Uma notícia pode ficar pronta hoje e aparecer na hora marcada, no fuso de Jundiaí.",
        (_COMMON,),
        category=3,
    ),
    Sample(
        "Amostra: rever antes de publicar",
        "A prévia mostra a página como o leitor a verá, no computador e no celular.",
        (_COMMON,),
        category=3,
    ),
    Sample(
        "Amostra: voltar a uma versão anterior",
        "Cada vez que se salva, o site guarda uma versão. É possível comparar e restaurar.",
        (_COMMON,),
        goals=(3,),
        category=0,
    ),
    Sample(
        "Amostra: links que dizem aonde vão",
        "Escreva “Ver o edital de 2026”, não “clique aqui”: quem ouve a lista de links entende.",
        (_COMMON,),
        category=4,
    ),
    Sample(
        "Amostra: tabelas no celular",
        "Tabelas largas rolam para o lado sem levar a página junto, e o título da tabela vem lido primeiro.",
        (_COMMON, ("table", "sister_cities")),
        category=1,
    ),
    Sample(
        "Amostra: perguntas frequentes",
        "Um bloco de itens que se abrem serve bem a dúvidas que se repetem.",
        (
            _COMMON,
            (
                "accordion",
                {"items": [{"title": "Posso pôr links nas respostas?", "text": "<p>Sim.</p>"}]},
            ),
        ),
        category=4,
    ),
    Sample(
        "Amostra: documentos acessíveis",
        "Prefira publicar o texto na página. Se o arquivo for preciso, o site mostra o tipo e o tamanho.",
        (_COMMON,),
        ("documents",),
        category=0,
    ),
    Sample(
        "Amostra: traduzir uma página",
        "Cada página pode ter versões em inglês e espanhol; o leitor troca de língua no alto da página.",
        (_COMMON,),
        goals=(0,),
        category=1,
    ),
    Sample(
        "Amostra: retirar as amostras",
        "Quando houver notícias de verdade, um comando apaga todas as amostras e só elas.",
        (_COMMON,),
        category=2,
    ),
)

#: Sister cities with the year given by their sources, for the sample table.
SISTER_CITIES = (
    ("Trenton", "Estados Unidos", "1964"),
    ("Iwakuni", "Japão", "1989"),
    ("Pádua", "Itália", "1994"),
    ("Tai'an", "China", "2002"),
)
SISTER_CITIES_CAPTION = (
    "Amostra de tabela: cidades-irmãs com o ano noticiado (fontes: Câmara Municipal de Jundiaí; "
    "jundiaqui.com.br, 25 de abril de 2024)"
)

TRANSCRIPT = (
    "<p>Vídeo de amostra, sem som, com doze segundos. Círculos partem de um ponto e se alargam, "
    "como rotas. Abaixo deles, o perfil de uma serra.</p>"
)
#: A film by the Blender Foundation under a Creative Commons licence.
EXTERNAL_VIDEO_URL = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"
EXTERNAL_TRANSCRIPT = (
    "<p>Amostra: aqui viria a transcrição. O filme é o desenho animado Big Buck Bunny, da "
    "Blender Foundation, sem falas.</p>"
)
