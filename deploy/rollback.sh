#!/usr/bin/env bash
# Back to the release before, or to another one that is still on the machine:
#
#     sudo deploy/rollback.sh [RELEASE]
# shellcheck disable=SC1111 # Portuguese has quotation marks of its own
set -euo pipefail
umask 022

# shellcheck source=deploy/common.sh
source "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/common.sh"

if [ "${1:-}" = "--no-start" ]; then
    can_start=false
    shift
fi
must_be_root
take_lock
now="$(current_release)"
[ -n "$now" ] || fail "Não há site instalado em $base."
there="$(find "$releases" -mindepth 2 -maxdepth 2 -name .complete -printf '%h\n' | sed 's|.*/||' | sort)"
case "${1:-}" in
    --help | -h | --list)
        printf 'Uso: sudo deploy/rollback.sh [VERSÃO]\n\nVersões nesta máquina (no ar: %s):\n%s\n' "$now" "$there"
        exit 0
        ;;
    "") wanted="$(cat "$base/previous" 2>/dev/null || true)" ;;
    *) wanted="$1" ;;
esac
[ -n "$wanted" ] || fail "Não há versão anterior nesta máquina."
[ "$wanted" != "$now" ] || fail "A versão $wanted já é a que está no ar."
grep -qxF "$wanted" <<<"$there" || fail "A versão $wanted não está mais nesta máquina. Há estas: ${there//$'\n'/, }"

# The old source meets the database as it is now. What it does not know it could only spoil.
unknown="$(manage "$releases/$wanted" shell --verbosity 0 --command "
from django.db import connection
from operations import migrations_state
for each in sorted(migrations_state.applied(connection) - migrations_state.on_disk()):
    print('.'.join(each))
")"
if [ -n "$unknown" ]; then
    newest="$(find "$backups" -mindepth 1 -maxdepth 1 -type f -name 'jundiai-*' -printf '%f\n' 2>/dev/null | sort | tail -n 1)"
    hint="não há nenhuma em $backups"
    [ -z "$newest" ] || hint="a mais nova é $backups/$newest"
    fail "A versão $wanted não conhece o banco de dados como ele é agora. Ela não tem:
  - ${unknown//$'\n'/$'\n'  - }
Nada foi mudado. Há dois caminhos:
  1. Desfazer estas mudanças com a versão de agora, se nada se perde com isso, e rodar este comando de
     novo. Para cada aplicação, a última mudança que fica:
       sudo $base/current/deploy/manage migrate APLICAÇÃO MUDANÇA
  2. Restaurar a cópia feita antes da atualização ($hint).
     O que foi escrito no site desde então se perde:
       sudo systemctl stop 'jundiai*'
       sudo $releases/$wanted/deploy/manage restore --replace CÓPIA
       sudo $releases/$wanted/deploy/rollback.sh $wanted
     A seção “Rollback” de docs/deployment.md explica os dois."
fi
say "Voltando da versão $now para a $wanted"
share_static "$wanted"
# A site that serves is worth more than its configuration, which an old release may not know how to write.
needs_nginx=false
hand_over "$wanted"
if $can_start; then
    systemctl enable --quiet --now "${timers[@]}"
fi
say "Pronto: a versão $wanted está no ar"
