#!/usr/bin/env bash
# Installs the site on Debian 12, from a bare machine to a serving site, and upgrades it: the same
# command from a newer copy of the source. What it does is in docs/deployment.md.
#
#     sudo deploy/install.sh global.example.org
# shellcheck disable=SC1111 # Portuguese has quotation marks of its own
set -euo pipefail
umask 022

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=deploy/common.sh
source "$here/common.sh"

usage() {
    cat <<'HELP'
Uso: sudo deploy/install.sh [opções] ENDEREÇO

Instala o site neste Debian 12 ou o atualiza para a versão desta pasta. ENDEREÇO é o nome pelo qual
os visitantes chegam a ele, por exemplo global.example.org.

  --email ENDEREÇO     pede um certificado à Let's Encrypt em nome deste e-mail; sem isto, ou se o
                       pedido falhar, o site usa um certificado próprio, que os navegadores recusam
  --database URL       usa este PostgreSQL em vez de instalar um nesta máquina
  --with-demo          acrescenta notícias de exemplo a um site novo
  --no-start           não liga serviços (imagens de máquinas, contêineres sem systemd)
  --help               mostra esta ajuda
HELP
}

email="" database_url="" demo="" host=""
while [ $# -gt 0 ]; do
    case "$1" in
        --email) email="${2:?"--email pede um endereço"}"; shift 2 ;;
        --database) database_url="${2:?"--database pede uma URL"}"; shift 2 ;;
        --with-demo) demo="--with-demo-if-new"; shift ;;
        --no-start) can_start=false; shift ;;
        --help | -h) usage; exit 0 ;;
        -*) usage >&2; fail "Opção desconhecida: $1" ;;
        *) [ -z "$host" ] || fail "Só um endereço, por favor: $host ou $1?"; host="$1"; shift ;;
    esac
done
[ -n "$host" ] || { usage >&2; exit 2; }
[[ "$host" =~ ^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$ ]] ||
    fail "“$host” não é um nome de site: use letras minúsculas, algarismos, hifens e pontos."
must_be_root
take_lock

source_folder="$(dirname "$here")"

# Packages ---------------------------------------------------------------------------------------

install_packages() {
    local wanted=(ca-certificates certbot curl libnginx-mod-http-brotli-static logrotate nginx openssl
        postgresql-client python3 python3-venv)
    [ -n "$database_url" ] || wanted+=(postgresql)
    local missing=()
    local package
    for package in "${wanted[@]}"; do
        dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null |
            grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Instalando pacotes do Debian: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null
    apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
}

# Who and where ------------------------------------------------------------------------------------

make_user_and_folders() {
    if ! id "$user" >/dev/null 2>&1; then
        say "Criando o usuário $user"
        adduser --system --group --home "$data" --no-create-home --quiet "$user"
    fi
    # By the group nginx reaches the socket and reads the media.
    id -nG www-data | grep -qw "$user" || adduser --quiet www-data "$user"
    install -d -m 0755 "$base" "$releases"
    install -d -m 0755 "$settings_folder"
    install -d -m 0750 "$tls" "$settings_folder/nginx"
    install -d -m 0750 -o "$user" -g "$user" "$data" "$data/media"
    install -d -m 0700 -o "$user" -g "$user" "$data/private" "$data/pages" "$backups"
    install -d -m 0755 "$data_static" "$acme" /var/log/nginx
    # In memory: where nginx cannot write a copy, it ends the connection instead of passing the page on,
    # and a full disk would be the end of all pages. It is there again when nginx starts.
    install -d -m 0700 -o www-data -g www-data "$copies"
    # Now, and whenever the machine starts.
    install -d -m 0750 -o "$user" -g "$user" "$leases"
    install -d -m 0755 /etc/tmpfiles.d
    printf 'd %s 0750 %s %s -\n' "$leases" "$user" "$user" >/etc/tmpfiles.d/jundiai.conf
    rm -rf /var/cache/nginx/jundiai
}

# The secrets and all that is particular, once: what is there is never changed, only added to.
write_settings() {
    if [ ! -e "$environment" ]; then
        say "Criando a configuração em $environment"
        install -m 0600 -o "$user" -g "$user" "$source_folder/.env.example" "$environment"
    fi
    chmod 0600 "$environment"
    chown "$user:$user" "$environment"
    set_if_missing SECRET_KEY "$(openssl rand -base64 60 | tr -d '\n/+=')"
    if [ -n "$database_url" ]; then
        set_if_missing DATABASE_URL "$database_url"
    else
        set_if_missing DATABASE_URL "postgres://$user:$(openssl rand -hex 24)@127.0.0.1:5432/$user"
    fi
    set_if_missing ALLOWED_HOSTS "$host"
    set_if_missing SITE_URL "https://$host"
    set_if_missing MEDIA_ROOT "$data/media"
    set_if_missing PRIVATE_ROOT "$data/private"
    set_if_missing PAGE_CACHE_ROOT "$data/pages"
    set_if_missing PAGE_CACHE_LEASES "$leases"
    set_if_missing PAGE_CACHE_WITHDRAWALS_FILE "$data/withdrawals"
    set_if_missing BACKUP_ROOT "$backups"
    set_if_missing USE_FORWARDED_PROTO True
    set_if_missing CLIENT_ADDRESS_HEADER X-Real-IP
    [ "$(setting SITE_URL)" = "https://$host" ] ||
        warn "SITE_URL em $environment é $(setting SITE_URL), e não https://$host. Ficou como estava."
}

# PostgreSQL -----------------------------------------------------------------------------------------

as_postgres() {
    (cd / && runuser -u postgres -- "$@")
}

prepare_database() {
    local url password
    url="$(setting DATABASE_URL)"
    # A server of elsewhere is its owner's business, but for what Django needs to find there.
    if [[ "$url" != "postgres://$user:"*"@127.0.0.1:5432/$user" ]]; then
        say "O banco de dados é o de DATABASE_URL; o PostgreSQL desta máquina não é mexido"
        return
    fi
    local cluster
    cluster="$(pg_lsclusters --no-header | sort -rn | awk '$2 == "main" {print $1; exit}')"
    [ -n "$cluster" ] || fail "O PostgreSQL está instalado, mas sem o conjunto “main” (pg_lsclusters)."
    local tuned="/etc/postgresql/$cluster/main/conf.d/jundiai.conf"
    if ! cmp -s "$source_folder/deploy/postgresql/jundiai.conf" "$tuned"; then
        say "Ajustando o PostgreSQL $cluster"
        install -m 0644 "$source_folder/deploy/postgresql/jundiai.conf" "$tuned"
        # A restart, once: some of these sizes cannot change while it runs.
        pg_ctlcluster "$cluster" main status >/dev/null 2>&1 && stop_cluster "$cluster"
    fi
    pg_ctlcluster "$cluster" main status >/dev/null 2>&1 || start_cluster "$cluster"
    local tries=0
    until as_postgres psql -qAt -c "SELECT 1" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 30 ] || fail "O PostgreSQL não respondeu em 30 segundos: pg_lsclusters diz o estado."
        sleep 1
    done
    password="${url#postgres://"$user":}"
    password="${password%%@*}"
    if ! as_postgres psql -qAt -c "SELECT 1 FROM pg_roles WHERE rolname = '$user'" | grep -q 1; then
        say "Criando o usuário e o banco de dados $user no PostgreSQL"
        # By standard input: arguments are seen by all users of the machine.
        as_postgres psql -q -v ON_ERROR_STOP=1 <<SQL
CREATE ROLE $user LOGIN PASSWORD '$password';
SQL
    fi
    if ! as_postgres psql -qAt -c "SELECT 1 FROM pg_database WHERE datname = '$user'" | grep -q 1; then
        as_postgres createdb --owner "$user" --encoding UTF8 --template template0 --locale C.UTF-8 "$user"
    fi
    as_postgres psql -q -v ON_ERROR_STOP=1 -d "$user" \
        -c "SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS unaccent"
}

stop_cluster() {
    if $can_start; then systemctl stop "postgresql@$1-main"; else pg_ctlcluster "$1" main stop; fi
}

start_cluster() {
    if $can_start; then systemctl start "postgresql@$1-main"; else pg_ctlcluster "$1" main start 9>&-; fi
}

# The release ----------------------------------------------------------------------------------------

# What makes a release: the files of the source, without what tools and this machine left there.
list_source() {
    (cd "$source_folder" &&
        find . -type d \( -name .git -o -name .venv -o -name var -o -name __pycache__ -o -name .ci \
            -o -name tests -o -name node_modules -o -name '.*_cache' \) -prune -o \
            \( -type f ! -name '*.pyc' ! -path ./.env ! -path ./.git -print0 \) | LC_ALL=C sort -z)
}

choose_release() {
    local hash found
    hash="$(cd "$source_folder" && list_source | xargs -0 sha256sum | sha256sum | cut -c1-12)"
    found="$(find "$releases" -mindepth 1 -maxdepth 1 -type d -name "*-$hash" | sort | tail -n 1)"
    release="${found##*/}"
    [ -n "$release" ] || release="$(date -u +%Y%m%d%H%M%S)-$hash"
    release_folder="$releases/$release"
}

make_release() {
    if [ -e "$release_folder/.complete" ]; then
        say "A versão $release já está nesta máquina"
        return
    fi
    say "Preparando a versão $release"
    rm -rf "$release_folder"
    install -d -m 0755 "$release_folder"
    (cd "$source_folder" && list_source |
        tar --create --no-recursion --mtime=now --owner=0 --group=0 --null --files-from=-) |
        tar --extract --directory "$release_folder" --no-same-permissions
    chmod -R go-w,a+rX "$release_folder"
    python3 -m venv "$release_folder/.venv"
    "$release_folder/.venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
        --requirement "$release_folder/requirements.txt"
    "$release_folder/.venv/bin/python" -m compileall -q -x '/[.]venv/' "$release_folder" >/dev/null || true
    # Collected for this release alone, whose list of names it is; browsers get the files of all.
    install -d -m 0755 "$release_folder/var"
    chown "$user:$user" "$release_folder/var"
    manage "$release_folder" collectstatic --noinput --verbosity 0
    chown -R root:root "$release_folder/var"
    chmod -R a+rX "$release_folder/var"
    touch "$release_folder/.complete"
}

publish_static() {
    share_static "$release"
}

# The database follows the release ---------------------------------------------------------------

migrate() {
    local plan
    plan="$(manage "$release_folder" migrate --plan)"
    if [[ "$plan" == *"No planned migration operations"* ]]; then
        say "O banco de dados já acompanha esta versão"
    else
        if [ -n "$(current_release)" ]; then
            say "Fazendo uma cópia de segurança antes de mudar o banco de dados"
            # By the old release: the new one does not know the database as it is.
            manage "$base/current" backup
        fi
        say "Atualizando o banco de dados"
        # The old release goes on serving meanwhile, and after it until the new one is there: that is
        # why migrations must leave it what it needs (docs/deployment.md).
        manage "$release_folder" migrate --noinput --verbosity 0 ||
            fail "O banco de dados não pôde ser atualizado (acima, o motivo). O site continua como estava. Se parte das mudanças ficou, a cópia de segurança em $backups as desfaz: docs/deployment.md, “Rollback”."
    fi
    manage "$release_folder" load_initial_content ${demo:+"$demo"}
}

# nginx -----------------------------------------------------------------------------------------------

make_certificate() {
    if [ ! -e "$tls/privkey.pem" ]; then
        say "Criando um certificado próprio para $host, até haver um de verdade"
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 \
            -subj "/CN=$host" -addext "subjectAltName=DNS:$host" \
            -keyout "$tls/privkey.pem" -out "$tls/fullchain.pem" 2>/dev/null
        chmod 0600 "$tls/privkey.pem"
    fi
}

is_own_certificate() {
    [ "$(openssl x509 -in "$tls/fullchain.pem" -noout -issuer_hash)" = \
        "$(openssl x509 -in "$tls/fullchain.pem" -noout -subject_hash)" ]
}

ask_for_certificate() {
    is_own_certificate || return 0
    [ -n "$email" ] || {
        warn "O certificado é próprio, e os navegadores o recusam. Com o endereço já apontando para esta máquina, rode de novo com --email."
        return 0
    }
    $can_start || { warn "Sem serviços ligados não se pede certificado."; return 0; }
    say "Pedindo o certificado de $host à Let's Encrypt"
    if certbot certonly --quiet --non-interactive --agree-tos --email "$email" --webroot \
        --webroot-path "$acme" --domain "$host" --deploy-hook "systemctl reload nginx"; then
        ln -sf "/etc/letsencrypt/live/$host/fullchain.pem" "$tls/fullchain.pem"
        ln -sf "/etc/letsencrypt/live/$host/privkey.pem" "$tls/privkey.pem"
        reload_nginx
    else
        warn "A Let's Encrypt não deu o certificado: veja /var/log/letsencrypt/. Confira se $host aponta para esta máquina e se a porta 80 está aberta, e rode de novo."
    fi
}

# Logs and units ------------------------------------------------------------------------------------

write_logs_and_units() {
    local days
    days="$(setting LOGS_KEPT_DAYS)"
    install -d -m 0755 /etc/systemd/journald.conf.d
    cat >/etc/systemd/journald.conf.d/jundiai.conf <<CONF
# The privacy page says for how long logs are kept: LOGS_KEPT_DAYS in $environment.
[Journal]
MaxRetentionSec=${days:-30}day
MaxFileSec=1day
CONF
    # In the place of Debian's own, by which nginx's logs are kept for as long as there is room.
    cat >/etc/logrotate.d/nginx <<CONF
/var/log/nginx/*.log {
    daily
    rotate ${days:-30}
    maxage ${days:-30}
    missingok
    notifempty
    compress
    delaycompress
    create 0640 www-data adm
    sharedscripts
    postrotate
        invoke-rc.d nginx rotate >/dev/null 2>&1 || true
    endscript
}
CONF
    local units="$release_folder/deploy/systemd" unit
    for unit in "$units"/*.service "$units"/*.timer "$units"/*.path; do
        install -m 0644 "$unit" "/etc/systemd/system/${unit##*/}"
    done
    for unit in jundiai@ jundiai-task@; do
        install -d -m 0755 "/etc/systemd/system/$unit.service.d"
        install -m 0644 "$units/hardening.conf" "/etc/systemd/system/$unit.service.d/hardening.conf"
    done
    install -d -m 0755 "/etc/systemd/system/jundiai-task@check_links.service.d"
    install -m 0644 "$units/jundiai-task@check_links.service.d/options.conf" \
        "/etc/systemd/system/jundiai-task@check_links.service.d/options.conf"
}

start_timers() {
    $can_start || return 0
    systemctl restart systemd-journald
    systemctl daemon-reload
    systemctl enable --quiet --now "${timers[@]}"
}

# A new site has none yet, which the examination calls a fault.
has_administrator() {
    manage "$base/current" shell --verbosity 0 --command "
from django.contrib.auth.models import User
raise SystemExit(not User.objects.filter(is_superuser=True, is_active=True).exists())"
}

# All of it, in order ----------------------------------------------------------------------------

$can_start || warn "Sem systemd em funcionamento (ou com --no-start): nenhum serviço será ligado."
install_packages
make_user_and_folders
write_settings
prepare_database
choose_release
make_release
write_logs_and_units
migrate
publish_static
make_certificate
$can_start && systemctl daemon-reload
hand_over "$release"
start_timers
# After the site serves: it may take minutes once, and nothing waits for it.
say "Fazendo as versões de imagens que faltam"
manage "$base/current" make_renditions || warn "Algumas versões de imagens não foram feitas: serão feitas na primeira visita."
ask_for_certificate
forget_old_releases
say "Examinando a instalação"
status=0
manage "$base/current" doctor || status=$?
say "A versão $release está instalada: https://$host/"
has_administrator || say "Falta uma administradora: sudo $base/current/deploy/manage createsuperuser"
if [ "$status" -ge 2 ] && has_administrator; then
    fail "O exame encontrou defeitos (acima). Depois de consertá-los: sudo $base/current/deploy/manage doctor"
fi
