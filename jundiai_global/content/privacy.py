"""The first text of the privacy page: what the site does, sentence by sentence.

`tests/test_privacy.py` holds each sentence against the site. What depends on settings, as for how
long things are kept, the page adds by itself (`contact.models.PrivacyPage`).
"""

SUMMARY = "Você lê este site sem ser seguido. Só guardamos o que você nos escreve, por um tempo."

#: Where a sentence names the contact page.
CONTACT = "página de contato"

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "O que não fazemos",
        (
            "Este site não põe cookies no aparelho de quem o visita.",
            "Não guarda nada no seu navegador sem que você peça.",
            "Não carrega nada de outros sites: letras, imagens, ícones e programas são daqui.",
            "Não usa rastreadores, não conta visitas e não tenta reconhecer o seu aparelho.",
        ),
    ),
    (
        "O que fica no seu aparelho",
        (
            "Só as escolhas de leitura que você faz no alto da página, como o alto contraste, e "
            "quais avisos você dispensou.",
            "Ficam no seu navegador, que não as envia a ninguém.",
        ),
    ),
    (
        "Vídeos de outros serviços",
        (
            "Um vídeo do YouTube ou do Vimeo só é carregado depois que você pede.",
            "A partir daí valem as regras desse serviço.",
        ),
    ),
    (
        "Quando você nos escreve",
        (
            f"O formulário da {CONTACT} pede o e-mail, o assunto e a mensagem; o nome é opcional.",
            "Usamos esses dados só para ler a mensagem e responder a ela, com a sua concordância "
            "(Lei n° 13.709/2018, art. 7°, I), que você pode retirar quando quiser.",
            "Guardamos também com que texto você concordou e a hora.",
            "A mensagem fica guardada neste site e é enviada por e-mail às pessoas da Assessoria "
            "que respondem.",
            "No site, só quem responde e quem administra o site a lê.",
            "Para barrar programas, contamos por dez minutos as mensagens de cada conexão, sem "
            "guardar o endereço dela.",
        ),
    ),
    (
        "Editores do site",
        ("Só quem entra na área de edição recebe cookies, os necessários para manter a sessão.",),
    ),
    (
        "Os seus direitos",
        (
            "A Lei Geral de Proteção de Dados Pessoais (Lei n° 13.709/2018, art. 18) garante a "
            "você saber que dados seus são tratados, corrigi-los e pedir que sejam apagados.",
            f"Peça pela {CONTACT}, com o mesmo e-mail com que escreveu: entregamos uma cópia do "
            "que você enviou, ou apagamos tudo.",
        ),
    ),
)
