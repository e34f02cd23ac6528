"""The open data described for programs (OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.1)."""

from collections.abc import Sequence

from django.utils.translation import gettext

from .fields import KINDS, object_schema
from .parameters import LANGUAGE, Parameter
from .resources import CSV_PARAMETERS, RESOURCES, Resource


def _parameter(parameter: Parameter) -> dict:
    written = {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": str(parameter.description),
        "schema": parameter.schema,
    }
    if not parameter.example:
        return written
    is_number = parameter.schema["type"] == "integer"
    return {**written, "example": int(parameter.example) if is_number else parameter.example}


def _json(description: str, schema: dict) -> dict:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _errors(*codes: str) -> dict:
    return {code: {"$ref": f"#/components/responses/{code}"} for code in codes}


def _not_modified() -> dict:
    return {"304": {"description": gettext("Nada mudou desde a resposta com o ETag dado.")}}


def _operation(
    name: str, summary: str, parameters: Sequence[dict], good: dict, *errors: str
) -> dict:
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": list(parameters),
            "responses": {"200": good, **_not_modified(), **_errors(*errors)},
        }
    }


def list_schema(resource: Resource) -> dict:
    """The schema of an answer with many things."""
    return {
        "type": "object",
        "properties": {
            "total": {
                **KINDS["number"][0],
                "description": gettext("Quantos há, em todas as respostas."),
            },
            "proxima": {
                "type": ["string", "null"],
                "format": "uri",
                "description": gettext("O endereço da resposta seguinte; nulo na última."),
            },
            "itens": {
                "type": "array",
                "items": {"$ref": f"#/components/schemas/{resource.schema_name}"},
            },
        },
        "required": ["total", "proxima", "itens"],
        "additionalProperties": False,
    }


def _paths() -> dict:
    paths = {}
    for resource in RESOURCES.values():
        name = resource.schema_name
        paths[f"/{resource.name}/"] = _operation(
            f"listar{name}",
            str(resource.description),
            [_parameter(each) for each in resource.list_parameters],
            _json(str(resource.title), {"$ref": f"#/components/schemas/Lista{name}"}),
            "400",
            "429",
        )
        by_id = {"name": "id", "in": "path", "required": True, "schema": KINDS["id"][0]}
        paths[f"/{resource.name}/{{id}}/"] = _operation(
            f"obter{name}",
            gettext("Um só, pelo id."),
            [by_id, _parameter(LANGUAGE)],
            _json(name, {"$ref": f"#/components/schemas/{name}"}),
            "400",
            "404",
            "429",
            *(["451"] if resource.is_withheld_at_elections else []),
        )
    paths["/noticias.csv"] = _operation(
        "baixarNoticias",
        gettext("A lista das notícias em CSV, sem os textos."),
        [_parameter(each) for each in CSV_PARAMETERS],
        {"description": "CSV", "content": {"text/csv": {"schema": {"type": "string"}}}},
        "400",
        "429",
    )
    return paths


def _schemas() -> dict:
    schemas = {"Erro": object_schema(())}
    schemas["Erro"] |= {"properties": {"erro": {"type": "string"}}, "required": ["erro"]}
    for resource in RESOURCES.values():
        schemas[resource.schema_name] = object_schema(resource.fields)
        schemas[f"Lista{resource.schema_name}"] = list_schema(resource)
    return schemas


def description(site_name: str, server_url: str) -> dict:
    error = {"$ref": "#/components/schemas/Erro"}
    return {
        "openapi": "3.1.1",
        "info": {
            "title": gettext("Dados abertos de %(site)s") % {"site": site_name},
            "version": "1",
            "description": gettext("Só leitura, sem cadastro e sem chave."),
        },
        "servers": [{"url": server_url}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "responses": {
                "400": _json(
                    gettext("O que se pediu não faz sentido; a mensagem diz por quê."), error
                ),
                "404": _json(gettext("Não existe."), error),
                "429": _json(
                    gettext("Pedidos demais; “Retry-After” diz quantos segundos esperar."), error
                ),
                "451": _json(gettext("Fora do ar no período eleitoral; volta depois."), error),
            },
        },
    }
