"""Folders and files: there, writable, with room, closed to others, and of this version."""

import os
import shutil
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.utils.translation import gettext

from pages.library.storage import DiskStorage

from ..readiness import WRITTEN_STORAGES
from .findings import Finding, fault, warning, well

MEBIBYTE = 1024 * 1024
#: Free space below which editors will soon be unable to work, and below which something breaks.
LITTLE, TOO_LITTLE = 1024 * MEBIBYTE, 100 * MEBIBYTE
#: Static files that are named when they differ.
NAMED = 3


def _written_folders() -> dict[str, Path]:
    """Folders into which the site writes, by the setting that names them."""
    found = {}
    for alias, name in zip(WRITTEN_STORAGES, ("MEDIA_ROOT", "PRIVATE_ROOT"), strict=True):
        if isinstance(storages[alias], FileSystemStorage):
            found[name] = Path(storages[alias].location)
    for alias, cache in settings.CACHES.items():
        if "filebased" in cache["BACKEND"]:
            found[f"CACHES[{alias}]"] = Path(cache["LOCATION"])
    if path := _database_file():
        found["DATABASE_URL"] = path.parent
    return found


def _database_file() -> Path | None:
    """The file of an SQLite database; None where there is none."""
    if connection.vendor != "sqlite":
        return None
    path = Path(str(connection.settings_dict["NAME"]))
    return path if path.exists() else None


def folders() -> Iterator[Finding]:
    """Whether the site can write where it must."""
    for name, path in _written_folders().items():
        told = {"name": name, "path": path}
        try:
            DiskStorage(location=path).try_writing()
        except OSError as error:
            yield fault(
                gettext("Não se consegue escrever na pasta de %(name)s, %(path)s: %(error)s")
                % {**told, "error": error.strerror},
                gettext(
                    "Veja se a pasta existe, se o disco está montado e não está cheio, e se ela "
                    "é do usuário do site: chown -R jundiai %(path)s"
                )
                % told,
            )
        else:
            yield well(gettext("O site consegue escrever em %(path)s (%(name)s).") % told)


def buckets() -> Iterator[Finding]:
    """Whether the service takes files, and shows all the public ones and none of the private."""
    for alias, name in zip(WRITTEN_STORAGES, ("S3_MEDIA_BUCKET", "S3_PRIVATE_BUCKET"), strict=True):
        storage: Any = storages[alias]
        if not hasattr(storage, "anyone_may_read"):
            continue
        told = {"name": name, "bucket": storage.bucket_name}
        try:
            is_public = storage.anyone_may_read()
        except OSError as error:
            yield fault(
                gettext("O bucket de %(name)s, %(bucket)s, não aceita arquivos: %(error)s")
                % {**told, "error": error},
                gettext(
                    "Veja se o serviço em S3_ENDPOINT_URL está no ar, se o bucket existe e se a "
                    "chave S3_ACCESS_KEY pode ler, gravar, listar e apagar nele."
                ),
            )
            continue
        if is_public and alias == "private":
            yield fault(
                gettext("Qualquer um pode ler o bucket dos arquivos privados, %(bucket)s.") % told,
                gettext("Tire a leitura pública dele: política, ACL e acesso anônimo."),
            )
        elif not is_public and alias == "default":
            yield fault(
                gettext("Ninguém além do site pode ler o bucket das mídias, %(bucket)s.") % told,
                gettext(
                    "Permita a leitura anônima dos objetos (não da lista deles), por uma política "
                    "do bucket ou com S3_MEDIA_ACL=public-read: sem isso as páginas ficam sem "
                    "imagens."
                ),
            )
        else:
            yield well(gettext("O bucket %(bucket)s (%(name)s) está em ordem.") % told)


def space() -> Iterator[Finding]:
    """Whether each disk has room; a disk with many of the folders is told once."""
    disks: dict[int, Path] = {}
    for path in (*_written_folders().values(), Path(settings.BACKUP_ROOT)):
        if path.is_dir():
            disks.setdefault(path.stat().st_dev, path)
    for path in disks.values():
        free = shutil.disk_usage(path).free
        told = {"path": path, "size": free // MEBIBYTE}
        if free >= LITTLE:
            yield well(gettext("Há %(size)d MB livres em %(path)s.") % told)
            continue
        tell = fault if free < TOO_LITTLE else warning
        yield tell(
            gettext("Restam só %(size)d MB livres em %(path)s.") % told,
            gettext("Libere espaço ou aumente o disco; veja o que ocupa com: du -xh %(path)s")
            % told,
        )


def _is_open_to_others(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH))


def permissions() -> Iterator[Finding]:
    """Whether other users of the machine can read what is secret."""
    secret = {
        gettext("o arquivo de configuração"): Path(
            os.environ.get("ENV_FILE", settings.BASE_DIR / ".env")
        ),
        gettext("o banco de dados"): _database_file(),
        gettext("a pasta das cópias de segurança"): Path(settings.BACKUP_ROOT),
        gettext("a pasta dos arquivos privados"): Path(storages["private"].location)
        if isinstance(storages["private"], FileSystemStorage)
        else None,
    }
    is_well = True
    for name, path in secret.items():
        if path and (path.is_file() or path.is_dir()) and _is_open_to_others(path):
            is_well = False
            yield warning(
                gettext("Outros usuários da máquina podem ler %(name)s, %(path)s.")
                % {"name": name, "path": path},
                gettext("Rode: chmod o-rwx %(path)s") % {"path": path},
            )
    media, private = storages["default"], storages["private"]
    if (
        isinstance(media, FileSystemStorage)
        and isinstance(private, FileSystemStorage)
        and Path(private.location).resolve().is_relative_to(Path(media.location).resolve())
    ):
        is_well = False
        yield fault(
            gettext("PRIVATE_ROOT está dentro de MEDIA_ROOT: os arquivos privados estão públicos."),
            gettext("Mude PRIVATE_ROOT para uma pasta que nenhum servidor publica."),
        )
    if is_well:
        yield well(gettext("O que é secreto está fechado aos outros usuários da máquina."))


def _differing_files() -> Iterator[str]:
    """Static files that were not collected, or not as they are now."""
    made_of = getattr(staticfiles_storage, "made_of", lambda name, source: source.read_bytes())
    seen = set()
    for finder in get_finders():
        for name, storage in finder.list([]):
            # The first one that is found is the one that is collected.
            name = os.path.join(getattr(storage, "prefix", None) or "", name)
            if name in seen:
                continue
            seen.add(name)
            wanted = made_of(name, Path(storage.path(name)))
            if wanted is None:
                continue
            collected = Path(settings.STATIC_ROOT, name)
            if not collected.is_file() or collected.read_bytes() != wanted:
                yield name


def static_files() -> Iterator[Finding]:
    """Whether what browsers get is of this version of the site."""
    root = Path(settings.STATIC_ROOT)
    remedy = gettext("Rode: manage.py collectstatic --noinput")
    if not root.is_dir() or not any(root.iterdir()):
        yield fault(
            gettext("Os arquivos estáticos não foram reunidos em %(path)s.") % {"path": root},
            remedy,
        )
        return
    if hasattr(staticfiles_storage, "manifest_name") and not (root / "staticfiles.json").is_file():
        yield fault(gettext("Falta a lista dos arquivos estáticos, staticfiles.json."), remedy)
        return
    if differing := list(islice(_differing_files(), NAMED)):
        yield fault(
            gettext("Os arquivos estáticos são de outra versão do site (%(names)s…).")
            % {"names": ", ".join(differing)},
            remedy,
        )
    else:
        yield well(gettext("Os arquivos estáticos são os desta versão."))
