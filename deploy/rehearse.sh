#!/usr/bin/env bash
# Rehearses installation, upgrade and rollback in a Debian 12 of its own, made by debootstrap:
#
#     sudo make rehearse-install          ROOT=/some/folder keeps it, and goes on with it next time
#
# systemd does not run in a chroot: PostgreSQL, Gunicorn and nginx are started by hand as the units
# would, on this machine's ports 5432, 80 and 443, which must be free. Units are verified by
# tests/test_deploy.py. Takes some minutes and the network.
set -euo pipefail

source_folder="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
mirror="${MIRROR:-http://deb.debian.org/debian}"
host=global.example.org
[ "$(id -u)" -eq 0 ] || { echo "Run it as root: sudo make rehearse-install" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "debootstrap is missing: apt install debootstrap" >&2; exit 1; }

root="${ROOT:-}"
[ -n "$root" ] || root="$(mktemp -d /var/tmp/jundiai-rehearsal-XXXXXX)"
# Users of their own live in it.
chmod 0755 "$root"
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"; }
step() { printf '\n\033[1m### %s\033[0m\n' "$*"; }
has() { grep -q -- "$1" "$2" || { echo "Expected: $1" >&2; exit 1; }; }

gunicorn="$root/var/lib/jundiai-global/gunicorn.pid"
leave() {
    in_root nginx -s stop 2>/dev/null || true
    [ ! -s "$gunicorn" ] || kill "$(cat "$gunicorn")" 2>/dev/null || true
    in_root pg_ctlcluster 15 main stop --mode fast 2>/dev/null || true
    for place in dev/shm dev/pts dev proc; do
        ! mountpoint --quiet "$root/$place" || umount --lazy "$root/$place"
    done
    [ -n "${ROOT:-}" ] || rm -rf --one-file-system "$root"
}
trap leave EXIT

if [ ! -e "$root/etc/debian_version" ]; then
    step "A bare Debian 12"
    debootstrap --variant=minbase bookworm "$root" "$mirror" >/dev/null
fi
mountpoint --quiet "$root/proc" || mount -t proc proc "$root/proc"
mountpoint --quiet "$root/dev" || mount --rbind --make-rslave /dev "$root/dev"
cp /etc/resolv.conf "$root/etc/resolv.conf"
# How this machine reaches the world.
[ ! -e /etc/pip.conf ] || cp -L /etc/pip.conf "$root/etc/pip.conf"
install -d "$root/etc/ssl/certs" "$root/usr/local/share/ca-certificates"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
# The package makes that file anew, of its own authorities and of these.
find /usr/local/share/ca-certificates -name '*.crt' \
    -exec cp -L -t "$root/usr/local/share/ca-certificates" {} +
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
rm -rf "$root/root/site"
install -d "$root/root/site"
(cd "$source_folder" && git ls-files -z --cached | tar --create --null --files-from=-) |
    tar --extract --directory "$root/root/site"

run() {
    local command="$1"
    shift
    in_root "/root/site/deploy/$command" "$@" 2>&1 | tee "$root/root/said"
}
release() { basename "$(readlink "$root/opt/jundiai-global/current")"; }

step "From nothing"
run install.sh "$host" --with-demo
first="$(release)"
has "está instalada: https://$host/" "$root/root/said"
secrets="$(sha256sum "$root/etc/jundiai-global/environment")"
[ "$(stat -c %a "$root/etc/jundiai-global/environment")" = 600 ]

step "The same again changes nothing"
run install.sh "$host"
[ "$(release)" = "$first" ]
[ "$(sha256sum "$root/etc/jundiai-global/environment")" = "$secrets" ]
! grep -q "Preparando a versão" "$root/root/said" || { echo "It made another release." >&2; exit 1; }

# nginx gives out pages of the release that runs without asking it: the validator of a file is its time
# and its size.
expect_a_lent_page() {
    local _try
    for _try in $(seq 20); do
        ask --head --header "Accept-Encoding: br" "https://$host/" >"$root/root/said"
        grep -Eq '^etag: "[0-9a-f]{8}-[0-9a-f]+"' "$root/root/said" && return
        sleep 0.5
    done
    echo "No page is lent to nginx." >&2
    exit 1
}

step "It serves"
install -d -m 0750 "$root/run/jundiai-$first"
in_root chown jundiai:jundiai "/run/jundiai-$first"
in_root sh -c "umask 0027 && cd /opt/jundiai-global/releases/$first && exec runuser -u jundiai -- env \
    DJANGO_SETTINGS_MODULE=jundiai_global.settings.production WEB_CONCURRENCY=2 \
    ENV_FILE=/etc/jundiai-global/environment WEB_BIND=unix:/run/jundiai-$first/site.sock \
    .venv/bin/gunicorn --pid /var/lib/jundiai-global/gunicorn.pid" >"$root/root/gunicorn.log" 2>&1 &
in_root nginx
for _try in $(seq 60); do
    in_root curl --silent --fail --output /dev/null --insecure --resolve "$host:443:127.0.0.1" \
        "https://$host/readyz" && break
    sleep 1
done
ask() { in_root curl --silent --insecure --resolve "$host:443:127.0.0.1" --resolve "$host:80:127.0.0.1" "$@"; }
for address in / /noticias/ /contato/ /admin/login/ /sitemap.xml /robots.txt; do
    printf '%s %s\n' "$(ask --output /dev/null --write-out '%{http_code} HTTP/%{http_version}' "https://$host$address")" "$address"
done | tee "$root/root/said"
[ "$(grep -c '^200 HTTP/2' "$root/root/said")" -eq 6 ]
style="$(ask "https://$host/" | grep -o '/static/css/site[^"]*' | sed -n 1p)"
ask --head "https://$host$style" | tee "$root/root/said"
has immutable "$root/root/said"
picture="$(ask "https://$host/noticias/" | grep -o '/media/[^" ]*' | sed -n 1p)"
ask --head "https://$host$picture" | tee "$root/root/said"
has sandbox "$root/root/said"
[ "$(ask --output /dev/null --write-out '%{http_code}' "http://$host/")" = 301 ]
expect_a_lent_page
has '^pcre_jit on;' "$root/etc/nginx/modules-enabled/90-jundiai.conf"

step "A newer version"
echo "# A newer version." >>"$root/root/site/gunicorn.conf.py"
run install.sh "$host"
second="$(release)"
[ "$second" != "$first" ]
[ "$(cat "$root/opt/jundiai-global/previous")" = "$first" ]

step "And back"
run rollback.sh
[ "$(release)" = "$first" ]
# Which has been running all the time: nginx looks for its pages again.
expect_a_lent_page

step "A version with a migration: a backup comes first"
last="$(find "$root/root/site/pages/migrations" -name '[0-9]*.py' -printf '%f\n' | sort | tail -n 1)"
cat >"$root/root/site/pages/migrations/9999_rehearsal.py" <<MIGRATION
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("pages", "${last%.py}")]
    operations = [migrations.RunSQL("CREATE TABLE rehearsal (id int)", "DROP TABLE rehearsal")]
MIGRATION
run install.sh "$host"
has "Cópia feita" "$root/root/said"
third="$(release)"
archive="$(find "$root/var/backups/jundiai-global" -type f -name 'jundiai-*' -printf '%f\n' | sort | tail -n 1)"

step "No way back while the old version does not know the database"
if run rollback.sh "$first"; then
    echo "It went back all the same." >&2
    exit 1
fi
has "pages.9999_rehearsal" "$root/root/said"
[ "$(release)" = "$third" ]

step "Back by the backup, as it said"
kill "$(cat "$gunicorn")"
in_root "/opt/jundiai-global/releases/$first/deploy/manage" restore --replace \
    "/var/backups/jundiai-global/$archive"
in_root "/opt/jundiai-global/releases/$first/deploy/rollback.sh" "$first"
[ "$(release)" = "$first" ]
in_root "/opt/jundiai-global/current/deploy/manage" check --database default

step "All of it held"
