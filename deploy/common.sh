# shellcheck shell=bash disable=SC2034 # some names are used by those who read this file only
# What install.sh, rollback.sh and manage have in common.

user=jundiai
base=/opt/jundiai-global
releases="$base/releases"
settings_folder=/etc/jundiai-global
environment="$settings_folder/environment"
tls="$settings_folder/tls"
data=/var/lib/jundiai-global
# Outside of what only the group may enter: the browsers' files.
data_static=/var/lib/jundiai-global-public/static
acme=/var/lib/jundiai-global-public/acme
# Of nginx.
copies=/run/nginx-jundiai
# What the site lends to nginx, in the same memory: by the room here it knows that nginx has none. A
# short name: nginx reads it for each page.
leases=/run/jundiai
backups=/var/backups/jundiai-global
timers=(jundiai-publish_scheduled.timer jundiai-deliver_messages.timer jundiai-delete_old_messages.timer
    jundiai-empty_trash.timer jundiai-clearsessions.timer jundiai-check_links.timer jundiai-backup.timer
    jundiai-forget-pages.path jundiai-clock.timer)
#: Releases that stay beside the current one.
kept_releases=3

# Not in a chroot or a container without it.
can_start=false
# Whether a release may only serve with a configuration of nginx of its own.
needs_nginx=true
[ -d /run/systemd/system ] && can_start=true

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
warn() { printf '\033[33mAtenção: %s\033[0m\n' "$*" >&2; }
fail() {
    printf '\033[31mErro: %s\033[0m\n' "$*" >&2
    exit 1
}

must_be_root() {
    [ "$(id -u)" -eq 0 ] || fail "Este comando precisa ser rodado como root: sudo $0 …"
}

# One installation at a time. What goes on running afterwards must not inherit the lock: 9>&-
take_lock() {
    exec 9>/run/lock/jundiai-install
    flock --nonblock 9 || fail "Outra instalação ou volta está em andamento."
}

# A setting's value in the environment's file; nothing where it is not set.
setting() {
    sed -n "s/^$1=//p" "$environment" | tail -n 1
}

# Sets what is not set, in the place of the comment that describes it.
set_if_missing() {
    [ -z "$(setting "$1")" ] || return 0
    local file
    file="$(mktemp "$environment.XXXXXX")"
    # The value by the environment: arguments are seen by all users of the machine.
    name="$1" value="$2" awk '
        index($0, ENVIRON["name"] "=") == 1 || index($0, "#" ENVIRON["name"] "=") == 1 {
            if (!is_set) print ENVIRON["name"] "=" ENVIRON["value"]
            is_set = 1
            next
        }
        { print }
        END { if (!is_set) print ENVIRON["name"] "=" ENVIRON["value"] }' "$environment" >"$file"
    chmod 0600 "$file"
    chown "$user:$user" "$file"
    mv "$file" "$environment"
}

# A command of the site: manage FOLDER COMMAND…, as the site's user.
manage() {
    local folder="$1"
    shift
    (cd "$folder" && runuser -u "$user" -- env -i PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 \
        HOME="$data" PYTHONDONTWRITEBYTECODE=1 ENV_FILE="$environment" \
        DJANGO_SETTINGS_MODULE=jundiai_global.settings.production LOG_LEVEL=WARNING \
        "$folder/.venv/bin/python" manage.py "$@")
}

# The name of the release that serves; nothing where there is none yet.
current_release() {
    [ -L "$base/current" ] || return 0
    basename "$(readlink -f "$base/current")"
}

reload_nginx() {
    if $can_start; then
        systemctl reload-or-restart nginx
    elif [ -s /run/nginx.pid ] && kill -0 "$(cat /run/nginx.pid)" 2>/dev/null; then
        nginx -s reload
    fi
}

# The static files of a release, beside those of others: who has an older page asks for its files.
share_static() {
    cp --recursive --update "$releases/$1/var/static/." "$data_static/"
    rm -f "$data_static/staticfiles.json"
    chmod -R a+rX "$data_static"
}

# Waits until a release can serve, as it says itself.
is_ready() {
    local _try
    for _try in $(seq 60); do
        curl --silent --fail --max-time 5 --output /dev/null --unix-socket "/run/jundiai-$1/site.sock" \
            http://localhost/readyz && return 0
        sleep 1
    done
    return 1
}

# nginx's configuration, by a release and its settings: limits, headers, and whose pages it looks for.
# It fails where nginx does not take it; then it has the one before, with the new pages for errors.
write_nginx() {
    local made="$settings_folder/nginx" new
    new="$(mktemp -d)"
    local options=(--upstream "unix:/run/jundiai-$1/site.sock"
        --certificate "$tls/fullchain.pem" --key "$tls/privkey.pem" --static "$data_static"
        --cache "$copies" --leases "$leases" --acme "$acme" --logs /var/log/nginx)
    compgen -G "/etc/nginx/modules-enabled/*brotli-static.conf" >/dev/null && options+=(--brotli)
    [ -e /proc/net/if_inet6 ] && options+=(--ipv6)
    chown "$user" "$new"
    manage "$releases/$1" nginx_config "$new" "${options[@]}" || {
        rm -rf "$new"
        return 1
    }
    # The paths in it are those of the folder in which it will be.
    sed -i "s|$new|$made|g" "$new/site.conf"
    [ -e "$made/upstream.conf" ] || install -m 0644 "$new/upstream.conf" "$made/upstream.conf"
    [ ! -e "$made/site.conf" ] || cp -a "$made/site.conf" "$made/site.conf.before"
    install -m 0644 "$new/site.conf" "$made/site.conf"
    cp --recursive --no-preserve=all "$new/errors" "$made/"
    chmod -R u=rwX,go=rX "$made"
    rm -rf "$new"
    ln -sf "$made/site.conf" /etc/nginx/sites-enabled/jundiai.conf
    # Debian's own page answers for all names, and so does ours.
    rm -f /etc/nginx/sites-enabled/default
    # Patterns are looked for with every page: as machine code. Of the main context, where it may be
    # said once.
    grep --recursive --quiet '^ *pcre_jit ' /etc/nginx ||
        echo 'pcre_jit on;' >/etc/nginx/modules-enabled/90-jundiai.conf
    nginx -t -q && return 0
    [ ! -e "$made/site.conf.before" ] || mv "$made/site.conf.before" "$made/site.conf"
    return 1
}

# Lets a release take the place of the one that serves. Nobody notices: the new one is started beside
# it and asked whether it can serve, then nginx is told (its reload ends no connection), and then the
# old one ends, after it has answered what it had begun. One that cannot serve gets nothing.
hand_over() {
    local new="$1" old upstream="$settings_folder/nginx/upstream.conf"
    old="$(current_release)"
    if $can_start; then
        if [ "$old" = "$new" ] && systemctl is-active --quiet "jundiai@$new"; then
            # The same source with other settings, perhaps.
            systemctl reload "jundiai@$new"
        else
            say "Ligando a versão $new"
            systemctl start "jundiai@$new" || true
        fi
        if ! is_ready "$new"; then
            journalctl --no-pager --lines 30 --unit "jundiai@$new" >&2 || true
            [ "$old" = "$new" ] || systemctl stop "jundiai@$new"
            fail "A versão $new não ficou pronta em um minuto (acima, o que ela disse). ${old:+A versão $old continua no ar.}"
        fi
    fi
    if ! write_nginx "$new"; then
        if $needs_nginx; then
            ! $can_start || [ "$old" = "$new" ] || systemctl stop "jundiai@$new"
            fail "O nginx não aceita a configuração da versão $new (acima, o motivo). A anterior continua valendo."
        fi
        warn "O nginx não aceita a configuração da versão $new (acima, o motivo), e fica com a que tem."
    fi
    printf 'server unix:/run/jundiai-%s/site.sock max_fails=0;\n' "$new" >"$upstream.new"
    mv "$upstream.new" "$upstream"
    ln -sfn "$releases/$new" "$base/current.new"
    mv -T "$base/current.new" "$base/current"
    if $can_start; then
        systemctl enable --quiet nginx "jundiai@$new"
    fi
    reload_nginx
    if $can_start && [ -n "$old" ] && [ "$old" != "$new" ]; then
        # Workers of nginx that are ending still send there what they had begun.
        sleep 2
        systemctl disable --quiet --now "jundiai@$old"
    fi
    [ -z "$old" ] || [ "$old" = "$new" ] || printf '%s\n' "$old" >"$base/previous"
}

forget_old_releases() {
    local keep old
    keep="$(current_release)"
    find "$releases" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort -r | grep -vxF "$keep" |
        grep -vxF "$(cat "$base/previous" 2>/dev/null || echo none)" | tail -n "+$kept_releases" |
        while read -r old; do
            say "Apagando a versão antiga $old"
            rm -rf "${releases:?}/$old"
        done || true
}
