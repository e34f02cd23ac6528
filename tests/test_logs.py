"""Logs say from which network something came, and not from whom (Lei 13.709/2018, art. 6, III)."""

import json
import logging
import re
import socket
import sys
import time
import urllib.request
from datetime import datetime, timedelta
from urllib.error import HTTPError

import pytest
from django.conf import settings
from django.core.signals import request_finished
from django.test import Client

from jundiai_global.access_log import FORMAT, TruncatedAddressLogger
from jundiai_global.logs import (
    TruncatingFormatter,
    TruncatingJsonFormatter,
    truncated,
    without_addresses,
)
from operations import request_id
from operations.log_filter import RequestIdFilter
from pages.models import HomePage
from tests.servers import gunicorn_serving
from tests.test_settings import GOOD, run


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.23", "198.51.100.0"),
        ("10.1.2.3", "10.1.2.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("2001:db8:1::1", "2001:db8:1::"),
        ("::1", "::"),
        ("::ffff:198.51.100.23", "198.51.100.0"),
    ],
)
def test_an_address_is_cut_to_its_network(address, network):
    """IPv4 to /24, IPv6 to /48; an IPv4 address written as IPv6 is one of IPv4."""
    assert truncated(address) == network


@pytest.mark.parametrize("text", ["", "unix:", "999.1.1.1", "198.51.100", "endereço"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        truncated(text)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Invalid request from ip=198.51.100.23: bad", "Invalid request from ip=198.51.100.0: bad"),
        ("de 198.51.100.23.", "de 198.51.100.0."),
        ("198.51.100.23:51234 pediu", "198.51.100.0:51234 pediu"),
        ("por 203.0.113.9, 198.51.100.23", "por 203.0.113.0, 198.51.100.0"),
        ("de 2001:db8:1:2::77: falhou", "de 2001:db8:1::: falhou"),
        ("[2001:DB8:1:2::77]:443", "[2001:db8:1::]:443"),
        ("::ffff:198.51.100.23 pediu", "198.51.100.0 pediu"),
        ("às 12:30:05, 3 erros", "às 12:30:05, 3 erros"),
        ("25/Nov/2026:12:30:05 -0300", "25/Nov/2026:12:30:05 -0300"),
        ("Django 5.2.19, versão 1.2.3", "Django 5.2.19, versão 1.2.3"),
    ],
)
def test_addresses_in_a_line_are_cut_and_the_rest_is_left(line, expected):
    assert without_addresses(line) == expected


def test_addresses_in_tracebacks_are_cut_too():
    try:
        raise ConnectionError("198.51.100.23 reset")
    except ConnectionError:
        record = logging.LogRecord("x", 40, "f", 1, "from %s", ("10.1.2.3",), sys.exc_info())
    line = TruncatingFormatter("{message}", style="{").format(record)
    assert "from 10.1.2.0" in line
    assert "ConnectionError: 198.51.100.0 reset" in line
    assert not {"198.51.100.23", "10.1.2.3"} & set(line.split())


def test_every_handler_of_production_cuts_addresses():
    source = (settings.BASE_DIR / "jundiai_global/settings/production.py").read_text("utf-8")
    space: dict = {"env": type("E", (), {"str": staticmethod(lambda name, default: default)})}
    exec(source[source.index("LOGGING = ") :], space)  # noqa: S102 - our own file
    config = space["LOGGING"]
    formatters = {handler["formatter"] for handler in config["handlers"].values()}
    assert formatters == {"json"}
    assert set(config["formatters"]) == {"json", "line"}
    for formatter in config["formatters"].values():
        assert formatter["()"].startswith("jundiai_global.logs.Truncating")
    # No mail with what visitors sent, which Django would write for each error.
    assert config["loggers"]["django"]["handlers"] == []


@pytest.fixture
def access_line():
    """The line that Gunicorn would log for a request with these variables."""

    def line(**environ):
        logger = TruncatedAddressLogger.__new__(TruncatedAddressLogger)
        request = type("Request", (), {"headers": []})()
        response = type("Response", (), {"status": "200 OK", "sent": 12, "headers": []})()
        duration = type("Duration", (), {"seconds": 0, "microseconds": 5000})()
        given = {
            "REQUEST_METHOD": "GET",
            "RAW_URI": "/busca/?q=segredo",
            "PATH_INFO": "/busca/",
            "QUERY_STRING": "q=segredo",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_REFERER": "https://example.org/",
            "HTTP_USER_AGENT": "Navegador",
            **environ,
        }
        return FORMAT % logger.atoms(response, request, given, duration)

    return line


def test_the_access_log_has_network_page_and_result_and_nothing_else(access_line):
    line = access_line(REMOTE_ADDR="198.51.100.23")
    assert re.fullmatch(r'198\.51\.100\.0 \[[^]]+\] "GET /busca/ HTTP/1\.1" 200 12 5', line)


def test_behind_a_proxy_the_network_is_the_visitors(access_line, settings):
    settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"
    line = access_line(REMOTE_ADDR="127.0.0.1", HTTP_X_REAL_IP="2001:db8:1:2::77")
    assert line.startswith("2001:db8:1:: [")
    assert access_line(REMOTE_ADDR="127.0.0.1").startswith("- [")


def json_line(**record) -> dict:
    given = {"levelno": logging.ERROR, "levelname": "ERROR", "name": "x", **record}
    made = logging.makeLogRecord(given)
    RequestIdFilter().filter(made)
    return json.loads(TruncatingJsonFormatter().format(made))


def test_json_lines_have_no_whole_address_not_even_after_a_line_break():
    try:
        raise ConnectionError("reset by\n198.51.100.23")
    except ConnectionError:
        line = json_line(msg="from %s", args=("10.1.2.3",), exc_info=sys.exc_info())
    assert line["message"] == "from 10.1.2.0"
    assert "\n198.51.100.0" in line["exc_info"]
    assert not {"198.51.100.23", "10.1.2.3"} & set(json.dumps(line).replace("\\n", " ").split())
    assert datetime.fromisoformat(line["time"]).utcoffset() == timedelta(0)


def test_json_lines_have_nothing_that_code_adds_to_them(rf):
    """Django adds the request, whose representation has what was searched for."""
    request = rf.get("/busca/?q=segredo")
    line = json_line(msg="Not Found: /busca/", request=request, status_code=404)
    assert set(line) == {"time", "level", "logger", "message"}


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("0af7651916cd43dd8448eb211c80319c", True),
        ("6f1f9c1e-7d3b-4f7e-9f43-2f1f7b8f0a11", True),
        ("short", False),
        ("a" * 65, False),
        ("<script>alert(1)</script>", False),
        ("", False),
    ],
)
def test_a_request_has_the_name_that_the_proxy_gave_or_a_new_one(client, db, given, is_taken):
    answers = [client.get("/robots.txt", headers={"X-Request-ID": given}) for _ in range(2)]
    names = {answer.headers["X-Request-ID"] for answer in answers}
    assert (names == {given}) is is_taken
    assert len(names) == (1 if is_taken else 2)
    assert all(request_id.is_well_formed(name) for name in names)


def test_the_lines_of_a_request_have_its_name_and_later_ones_do_not(client, db, caplog):
    caplog.handler.addFilter(RequestIdFilter())
    name = "0af7651916cd43dd8448eb211c80319c"
    client.get("/nada/", headers={"X-Request-ID": name})
    assert {record.request_id for record in caplog.records} == {name}
    request_finished.send(sender=None)
    caplog.clear()
    logging.getLogger("operations").error("afterwards")
    assert [record.request_id for record in caplog.records] == [""]


def test_the_page_of_an_error_tells_the_code_to_quote(monkeypatch, db):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(HomePage, "serve", broken)
    answer = Client(raise_request_exception=False).get("/")
    assert answer.status_code == 500
    assert f"<code>{answer.headers['X-Request-ID']}</code>" in answer.content.decode()


def test_production_writes_json_or_lines_and_knows_no_other_format():
    assert "  - LOG_FORMAT" in run(["check"], **GOOD, LOG_FORMAT="xml").stderr


@pytest.mark.parametrize("log_format", ["line", "json"])
def test_gunicorn_as_it_is_started_logs_no_whole_address(tmp_path, log_format):
    """The real server, with the file that it reads by itself."""
    hello = (
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [('Content-Length', '2')])\n"
        "    return [b'ok']\n"
    )
    with gunicorn_serving(tmp_path, hello, LOG_FORMAT=log_format) as (port, log):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/p%C3%A1gina/?q=segredo", timeout=5)
        with socket.create_connection(("127.0.0.1", port)) as visitor:
            visitor.sendall(b"GET / HTTP/9.9\r\n\r\n")
            visitor.recv(1000)
        time.sleep(0.3)
    said = log.read_text()
    if log_format == "line":
        line = r'^127\.0\.0\.0 \[.+\] "GET /p.+gina/ HTTP/1\.1" 200 2 \d+$'
        assert re.search(line, said, re.M)
    else:
        lines = [json.loads(line) for line in said.splitlines()]
        (told,) = [line for line in lines if line.get("path") == "/página/"]
        wanted = {"network": "127.0.0.0", "method": "GET", "status": 200, "bytes": 2}
        assert wanted.items() <= told.items()
    assert "segredo" not in said
    told = [line for line in said.splitlines() if "Listening at" not in line]
    assert [line for line in told if "127.0.0.1" in line] == []
    assert any("Invalid request from ip=127.0.0.0" in line for line in told)


def test_what_the_application_fails_over_is_logged_with_its_path(tmp_path):
    """Gunicorn answers it by itself, and does not say in the environment what was asked for."""
    failing = "def application(environ, start_response):\n    raise ValueError\n"
    with gunicorn_serving(tmp_path, failing, LOG_FORMAT="json") as (port, log):
        with pytest.raises(HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/p%C3%A1gina/?q=segredo", timeout=5)
        time.sleep(0.3)
    said = log.read_text()
    told = [json.loads(line) for line in said.splitlines() if '"status"' in line]
    assert [(line["path"], line["status"]) for line in told] == [("/página/", 500)]
    assert "could not be written" not in said


def test_the_documents_say_how_long_logs_are_kept_and_what_the_proxy_must_do():
    text = (settings.BASE_DIR / "docs/operations.md").read_text("utf-8")
    for part in ("LOGS_KEPT_DAYS", "logrotate", "journald", "/24", "/48"):
        assert part in text, part
    script = (settings.BASE_DIR / "deploy/install.sh").read_text("utf-8")
    for part in ("MaxRetentionSec=${days:-30}day", "rotate ${days:-30}", "maxage ${days:-30}"):
        assert part in script, part
