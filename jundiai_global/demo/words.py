"""The Portuguese words that sample texts are made of, the commonest of each kind first.

``word/plural`` gives a plural that the rules of ``corpus`` would get wrong.
"""

#: Who acts, masculine and feminine.
AGENTS = (
    "conselho grupo instituto comitê museu governo consulado departamento centro programa sindicato "
    "coral teatro hospital laboratório parlamento jornal festival observatório fórum tribunal "
    "ministério secretariado arquivo clube colégio colegiado consórcio estúdio escritório "
    "gabinete núcleo partido órgão/órgãos banco cartório coletivo corpo elenco fundo júri mosteiro "
    "seminário setor time",
    "comissão equipe delegação universidade escola rede associação câmara fundação cooperativa "
    "organização agência empresa orquestra biblioteca faculdade embaixada federação secretaria "
    "diretoria academia aliança assembleia autarquia banca brigada caravana casa companhia "
    "comunidade confederação coordenação corporação creche diplomacia diretora editora entidade "
    "emissora família frente galeria incubadora indústria instituição irmandade liga missão "
    "oficina ouvidoria paróquia presidência procuradoria produtora redação reitoria startup "
    "turma união vizinhança",
)
#: What is made, signed, shown or opened.
THINGS = (
    "acordo projeto convênio plano programa encontro edital curso evento relatório protocolo estudo "
    "documento calendário guia mapa catálogo prêmio roteiro intercâmbio concurso manual estágio "
    "debate portal painel caderno livro filme vídeo espetáculo concerto desfile torneio mutirão "
    "boletim balanço orçamento contrato decreto regulamento estatuto questionário cadastro "
    "formulário inventário diagnóstico levantamento cronograma modelo método material arquivo "
    "aplicativo sistema sítio serviço passeio percurso itinerário ciclo módulo laboratório ateliê "
    "acervo álbum/álbuns cartaz folheto folder/folders glossário dicionário dossiê ensaio artigo "
    "capítulo comunicado convite discurso parecer memorial testemunho monumento mural jardim "
    "pavilhão estande abrigo equipamento instrumento brinquedo uniforme veículo "
    "experimento protótipo produto jogo desafio almoço jantar café banquete brinde",
    "exposição parceria oficina carta proposta pesquisa agenda palestra visita missão feira "
    "conferência mostra campanha publicação revista cartilha reunião chamada seleção bolsa "
    "coleção consulta iniciativa jornada lista medida norma obra oferta página peça "
    "plataforma política portaria prática rodada sala semana sessão síntese tabela "
    "tarefa tradução trilha turnê vitrine votação aula apresentação atividade audiência avaliação "
    "assinatura cerimônia coletânea competição comemoração conversa cooperação correspondência "
    "data declaração demonstração descoberta despedida dinâmica edição entrevista escultura "
    "excursão experiência ferramenta festa ficha fotografia gincana gravura homenagem imagem "
    "imersão inscrição instalação invenção leitura lei ligação maquete maratona melodia memória "
    "mensagem moção música narrativa nota novidade partida pauta performance pintura placa ponte "
    "praça premiação quadra receita recepção regra residência resolução retrospectiva roda "
    "solenidade tecnologia temporada tese travessia turma vaga versão viagem videoconferência",
)
#: What it is about.
TOPICS = (
    "turismo comércio desenvolvimento clima transporte esporte patrimônio trabalho ensino "
    "planejamento investimento empreendedorismo saneamento urbanismo artesanato cinema "
    "voluntariado design/designs folclore idioma português inglês espanhol italiano mandarim "
    "japonês agronegócio abastecimento acolhimento aprendizado arquivamento bem-estar "
    "bilinguismo civismo combate comportamento conhecimento consumo crescimento cuidado "
    "desempenho diálogo direito ecoturismo emprego enoturismo envelhecimento financiamento "
    "futebol gerenciamento humanismo judô lazer letramento mercado monitoramento multilateralismo "
    "paisagismo pensamento pluralismo policiamento protagonismo reflorestamento resfriamento "
    "saber solo teatro tênis/tênis tratamento trânsito vinho vôlei xadrez",
    "cultura educação saúde inovação cooperação mobilidade juventude gastronomia agricultura "
    "sustentabilidade história arte ciência tecnologia memória diplomacia paz habitação infância "
    "inclusão água energia segurança literatura música dança fotografia arquitetura uva "
    "acessibilidade adaptação alfabetização alimentação amizade arborização arqueologia astronomia "
    "biodiversidade biologia botânica cerâmica cidadania comunicação conservação convivência "
    "criatividade democracia diversidade economia engenharia estatística ética exportação "
    "filantropia filosofia física fruticultura geografia geologia gestão governança "
    "hospitalidade identidade igualdade imigração importação indústria informática "
    "infraestrutura integração internacionalização jardinagem justiça leitura limpeza logística "
    "matemática mediação medicina meteorologia moda natação nutrição oralidade paisagem "
    "participação pecuária pesca poesia prevenção produção psicologia publicidade química "
    "qualificação reciclagem resiliência robótica solidariedade tradição transparência vacinação "
    "viticultura zoologia",
)
#: People, in the masculine and in forms of both genders.
PEOPLE = (
    "estudante professor pesquisador jovem artista servidor empresário morador voluntário "
    "visitante técnico agricultor músico gestor tradutor médico educador engenheiro "
    "arquiteto atleta autor aluno bibliotecário bolsista bombeiro cientista cidadão/cidadãos "
    "colega comerciante convidado coordenador cozinheiro dançarino diplomata diretor doador "
    "embaixador empreendedor enfermeiro escritor especialista estagiário expositor fotógrafo "
    "guia historiador idoso imigrante intérprete investidor jornalista jurista leitor líder "
    "maestro mediador mestre museólogo negociador operário orientador palestrante parceiro "
    "participante pedagogo pintor poeta produtor psicólogo representante sociólogo trabalhador "
    "treinador turista universitário urbanista vereador viajante vizinho",
    "criança família pessoa pesquisadora professora gestora servidora moradora artesã estudiosa "
    "atriz autora bailarina bibliotecária cantora cientista cônsul/cônsules costureira curadora "
    "diretora doutora educadora embaixadora empreendedora empresária enfermeira engenheira "
    "escritora ilustradora jornalista liderança mãe médica oradora pianista pintora "
    "produtora rainha tradutora turista vereadora visitante vizinha voluntária",
)
#: Where.
PLACES = (
    "auditório museu parque teatro centro bairro campus/campi ginásio mercado jardim salão pátio "
    "aeroporto albergue anfiteatro ateliê barracão bosque cais/cais calçadão campo canteiro castelo "
    "cinema claustro complexo coreto corredor distrito edifício espaço estádio estúdio hospital "
    "hotel laboratório lago largo litoral mirante monumento observatório paço palácio palco "
    "pavilhão pomar porto prédio quarteirão quintal restaurante rio saguão santuário sítio "
    "subúrbio telhado terraço terreno trem túnel/túneis vale viveiro zoológico",
    "biblioteca praça escola universidade serra sala rua estação galeria cidade região fazenda "
    "aldeia alameda arena avenida baía beira cachoeira calçada capela capital casa catedral "
    "ciclovia costa creche cúpula encosta esplanada estrada estufa fábrica feira floresta "
    "fonte fronteira horta igreja ilha incubadora loja margem montanha oficina pista planície "
    "plataforma ponte praia província quadra represa reserva rodovia rotatória sede torre "
    "trilha varanda vila vinícola zona",
)
#: What comes of it.
RESULTS = (
    "resultado benefício aprendizado avanço recurso prazo interesse apoio caminho "
    "compromisso conteúdo critério custo dado desafio direito efeito exemplo fator ganho "
    "impacto incentivo indicador laço limite motivo número objetivo obstáculo "
    "papel passo ponto potencial princípio problema processo progresso propósito "
    "reconhecimento reflexo retorno risco rumo sinal sonho tema valor vínculo",
    "oportunidade melhoria experiência necessidade ideia prioridade relação atenção "
    "abertura abordagem alternativa ambição amizade aproximação base capacidade causa chance "
    "condição confiança consequência contribuição conquista dificuldade diferença dúvida "
    "economia escolha esperança estratégia etapa expectativa fase forma habilidade "
    "hipótese influência inspiração lacuna lição linha meta mudança origem perspectiva "
    "pergunta possibilidade proximidade qualidade razão referência resposta "
    "responsabilidade solução tendência troca vantagem visão vontade",
)
#: Adjectives that follow the noun. Those that end in ``o`` have four forms.
ADJECTIVES = (
    "internacional novo público cultural municipal anual regional técnico aberto gratuito "
    "acadêmico educacional econômico ambiental social comum local histórico digital bilíngue "
    "conjunto recente permanente importante amplo especial jovem científico artístico turístico "
    "agrícola industrial urbano rural coletivo comunitário mútuo moderno prático simples/simples "
    "criativo inédito inicial final atual antigo próximo estrangeiro nacional estadual continental "
    "mundial global virtual presencial remoto híbrido semanal mensal semestral bienal diário "
    "tradicional popular erudito clássico contemporâneo experimental inovador/inovadora "
    "interdisciplinar intercultural multilateral bilateral diplomático consular comercial "
    "empresarial financeiro esportivo escolar universitário profissional docente didático "
    "pedagógico literário musical teatral cinematográfico fotográfico gráfico visual sonoro "
    "gastronômico arqueológico arquitetônico paisagístico ecológico sustentável/sustentáveis "
    "renovável/renováveis climático hídrico florestal natural botânico solidário voluntário "
    "humanitário inclusivo acessível/acessíveis democrático transparente participativo "
    "independente informal formal oficial jurídico legal administrativo institucional "
    "estratégico preliminar detalhado completo parcial extenso breve intenso constante "
    "contínuo gradual rápido longo curto pequeno grande central lateral interno externo "
    "oriental ocidental asiático europeu/europeia latino americano italiano japonês/japonesa "
    "chinês/chinesa cubano uruguaio mexicano libanês/libanesa brasileiro paulista "
    "fraterno generoso cordial festivo alegre sereno colorido luminoso noturno matinal "
    "semelhante diferente diverso plural único raro precioso valioso útil/úteis viável/viáveis "
    "possível/possíveis notável/notáveis célebre ilustre sólido firme seguro estável/estáveis "
    "flexível/flexíveis eficaz capaz audaz veloz"
)
#: Transitive verbs, all regular.
VERBS_AR = (
    "apresentar organizar realizar preparar divulgar lançar publicar visitar aprovar assinar "
    "ampliar anunciar criar planejar avaliar apoiar coordenar inaugurar iniciar analisar "
    "acompanhar adaptar adotar alcançar animar aperfeiçoar aplicar apontar aproveitar arquivar "
    "articular atualizar buscar calcular catalogar celebrar citar classificar comentar comparar "
    "comprar comunicar conquistar conservar consolidar consultar contratar copiar "
    "dedicar demonstrar desenhar detalhar determinar documentar doar editar "
    "elaborar encaminhar encerrar ensaiar enviar espalhar estimular estruturar estudar examinar "
    "executar experimentar explicar explorar fabricar filmar finalizar financiar formar formular "
    "fotografar gravar hospedar identificar ilustrar implantar incentivar indicar "
    "instalar integrar intensificar investigar juntar justificar levantar liderar limpar localizar "
    "melhorar modernizar montar mostrar negociar notar observar orientar ornamentar patrocinar "
    "pintar plantar premiar priorizar programar projetar prolongar promulgar proporcionar "
    "recomendar recuperar reforçar registrar relatar renovar reparar replicar representar reservar "
    "restaurar retomar revelar revisar selecionar simplificar testar traçar transformar "
    "transportar utilizar validar valorizar votar"
)
VERBS_ER = (
    "receber desenvolver promover fortalecer estabelecer defender oferecer conhecer debater "
    "acolher aprender atender compreender conceder devolver escolher esclarecer estender "
    "favorecer merecer percorrer preencher reconhecer resolver vencer enriquecer"
)
VERBS_IR = "discutir definir garantir abrir dividir permitir assumir cumprir expandir"
#: Cities that have ties with Jundiaí according to public pages; here only as names.
CITIES = (
    "Trenton", "Iwakuni", "Pádua", "Havana", "Tai'an", "Rugao", "Prata di Pordenone", "Gaoyou",
    "Lanxi", "Montevidéu", "Guadalupe", "Zahle",
)  # fmt: skip
MONTHS = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
WEEKDAYS = "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo"
NUMBERS = (
    "dois três quatro cinco seis sete oito nove dez doze quinze vinte trinta quarenta cinquenta cem"
)
ADVERBS = (
    "também ainda sempre depois hoje agora novamente recentemente diretamente "
    "gradualmente publicamente oficialmente rapidamente anualmente especialmente principalmente "
    "finalmente igualmente inicialmente atualmente conjuntamente livremente cuidadosamente "
    "coletivamente pessoalmente virtualmente brevemente frequentemente certamente"
)
OPENINGS = (
    "Segundo os organizadores|Além disso|Ao mesmo tempo|Neste ano|Com isso|Na prática|"
    "Por outro lado|Como em outras edições|Em seguida|Para os participantes|"
    "No próximo semestre|De acordo com o cronograma|Durante o encontro|Ao final|"
    "Pela primeira vez|Mais tarde|Em resumo|Desde o começo|Na semana passada"
)
