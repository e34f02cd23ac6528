"""The database: reached, new enough, in the right encoding, complete, with room for all."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.utils.translation import gettext

from page_cache import replica as replicas

from .. import migrations_state
from .findings import Finding, fault, warning, well

#: Oldest versions with which the tests run, or which Django takes.
OLDEST_POSTGRESQL = 130_000
#: PostgreSQL's extensions that the site cannot do without.
EXTENSIONS = ("unaccent",)
#: What should be free of the connections that the server takes.
FREE_CONNECTIONS = 0.1
#: Seconds by which the clocks of site and database may differ.
CLOCK_DIFFERENCE = 2


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _value(sql: str, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        row = cursor.fetchone()
    return row[0] if row else None


def _error() -> str:
    try:
        connection.ensure_connection()
        _value("SELECT 1")
    except (DatabaseError, ImproperlyConfigured) as error:
        return str(error).strip() or type(error).__name__
    return ""


def can_connect() -> bool:
    return not _error()


def reachable() -> Iterator[Finding]:
    if error := _error():
        yield fault(
            gettext("O banco de dados não responde: %(error)s") % {"error": error},
            gettext(
                "Veja se o servidor do banco está no ar (systemctl status postgresql) e se "
                "DATABASE_URL tem o endereço, o nome, o usuário e a senha certos."
            ),
        )
    else:
        yield well(gettext("O banco de dados responde."))


def version() -> Iterator[Finding]:
    if not _is_postgresql():
        shown = ".".join(str(part) for part in connection.Database.sqlite_version_info)
        yield well(gettext("SQLite %(version)s.") % {"version": shown})
        return
    number = connection.pg_version
    shown = f"{number // 10_000}.{number % 10_000}"
    if number < OLDEST_POSTGRESQL:
        yield fault(
            gettext("O PostgreSQL %(version)s é antigo demais.") % {"version": shown},
            gettext("Atualize o servidor para a versão 13 ou mais nova."),
        )
    else:
        yield well(gettext("PostgreSQL %(version)s.") % {"version": shown})


def encoding() -> Iterator[Finding]:
    written = _value("SHOW server_encoding" if _is_postgresql() else "PRAGMA encoding")
    if written.upper().replace("-", "") != "UTF8":
        yield fault(
            gettext("O banco de dados está em %(encoding)s, e não em UTF-8.")
            % {"encoding": written},
            gettext(
                "Faça uma cópia (manage.py backup), crie outro banco com ENCODING 'UTF8' e "
                "restaure a cópia nele."
            ),
        )
    else:
        yield well(gettext("O banco de dados está em UTF-8."))


def extensions() -> Iterator[Finding]:
    if not _is_postgresql():
        return
    for name in EXTENSIONS:
        if _value("SELECT 1 FROM pg_extension WHERE extname = %s", name):
            yield well(gettext("A extensão %(name)s está instalada.") % {"name": name})
        else:
            yield fault(
                gettext("Falta a extensão %(name)s, e a busca não funciona sem ela.")
                % {"name": name},
                gettext("Rode no banco, como administrador: CREATE EXTENSION %(name)s;")
                % {"name": name},
            )


def migrations() -> Iterator[Finding]:
    pending = migrations_state.pending(connection)
    unknown = migrations_state.applied(connection) - migrations_state.on_disk()
    if pending:
        shown = ", ".join(f"{app}.{name}" for app, name in pending[:5])
        yield fault(
            gettext(
                "O banco não acompanha esta versão do site: %(count)d mudanças por aplicar "
                "(%(names)s)."
            )
            % {"count": len(pending), "names": shown},
            gettext("Rode: manage.py migrate"),
        )
    if unknown:
        shown = ", ".join(f"{app}.{name}" for app, name in sorted(unknown)[:5])
        yield warning(
            gettext("O banco já foi usado por uma versão mais nova do site (%(names)s).")
            % {"names": shown},
            gettext("Atualize o site, ou restaure uma cópia que seja desta versão."),
        )
    if not pending and not unknown:
        yield well(gettext("O banco acompanha esta versão do site."))


def connections() -> Iterator[Finding]:
    if not _is_postgresql():
        return
    most = int(_value("SHOW max_connections")) - int(_value("SHOW superuser_reserved_connections"))
    used = _value("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    told = {"used": used, "most": most}
    if most - used < most * FREE_CONNECTIONS:
        yield warning(
            gettext("O banco tem %(used)d de %(most)d conexões em uso: quase não há livres.")
            % told,
            gettext(
                "Diminua WEB_CONCURRENCY ou WEB_THREADS, ou aumente max_connections no PostgreSQL."
            ),
        )
    else:
        yield well(gettext("%(used)d de %(most)d conexões do banco em uso.") % told)


def replica() -> Iterator[Finding]:
    if not replicas.is_there():
        return
    try:
        problem = replicas.problem()
    except (DatabaseError, LookupError) as error:
        problem = str(error).strip() or type(error).__name__
    if problem:
        yield warning(
            gettext("A réplica do banco não serve para ler: %(problem)s") % {"problem": problem},
            gettext(
                "O site lê do banco principal enquanto isso. Veja se a réplica está no ar e segue "
                "o principal (SELECT * FROM pg_stat_wal_receiver), e se DATABASE_REPLICA_URL leva "
                "a ela."
            ),
        )
    else:
        yield well(gettext("A réplica do banco acompanha o principal."))


def clock() -> Iterator[Finding]:
    if not _is_postgresql():
        return
    difference = abs((datetime.now(UTC) - _value("SELECT clock_timestamp()")).total_seconds())
    if difference > CLOCK_DIFFERENCE:
        yield warning(
            gettext("Os relógios do site e do banco diferem em %(seconds)d segundos.")
            % {"seconds": difference},
            gettext("Ligue o acerto automático nos dois: timedatectl set-ntp true"),
        )
    else:
        yield well(gettext("Os relógios do site e do banco concordam."))
