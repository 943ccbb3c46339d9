"""The OpenAPI document of the routes that the fake service knows, made from what it reads bodies with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from preflight.version import __version__
from submit.testing.bodies import DIALECTS, FACES, REPLICAS, URL_PATTERN, Dialect

__all__ = ["openapi_document"]

_STRING = {"type": "string"}
_BOOLEAN = {"type": "boolean"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_ID = {"type": "string", "pattern": "^r[0-9a-f]{11}$"}
_ADDRESS = {"type": "string", "pattern": URL_PATTERN}
_NAME = {"type": "string", "minLength": 1}


def openapi_document() -> dict[str, Any]:
    """OpenAPI 3.1, of the service documentation, read 2026-11-22; what is not documented is the fake's."""
    paths: dict[str, Any] = {"/v2/voices": {"get": _voices()}}
    for dialect in DIALECTS:
        one = f"{dialect.path}/{{{dialect.id_key}}}"
        named = {"parameters": [_path_parameter(dialect)]}
        paths[dialect.path] = {"post": _create(dialect), "get": _list(dialect)}
        paths[one] = named | {"get": _get(dialect), "delete": _delete(dialect)}
        if dialect is REPLICAS:
            paths[f"{one}/name"] = named | {"patch": _rename()}
        else:
            paths[one]["patch"] = _patch()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Replica service, as preflight's fake of it speaks",
            "version": __version__,
            "description": "Made from the service documentation, read 2026-11-22. Not the service's own.",
        },
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
            "schemas": {
                "Error": _object({"error": _STRING}),
                "Message": _object({"message": _STRING}),
                "Voice": _object(
                    {
                        "voice_id": _STRING,
                        "voice_name": _STRING,
                        "voice_type": _STRING,
                        "status": {"enum": ["completed"]},
                    }
                ),
            },
        },
    }


# ---- operations


def _create(dialect: Dialect) -> dict[str, Any]:
    answer = _object({dialect.id_key: _ID, "status": {"enum": ["started"]}})
    return {
        "operationId": f"create_{dialect.noun}",
        "requestBody": _json(_create_body(dialect)) | {"required": True},
        "responses": _responses(answer, refusals={"402": "Message", "413": "Error"}),
    }


def _create_body(dialect: Dialect) -> dict[str, Any]:
    kinds: dict[str, Any] = {
        "train_video_url": _ADDRESS,
        "train_image_url": _ADDRESS,
        "consent_video_url": _ADDRESS | {"deprecated": True} if dialect is FACES else _ADDRESS,
        "callback_url": {"anyOf": [{"const": ""}, _ADDRESS]},
        "auto_fix_training_image": _BOOLEAN,
        "model_name": {"enum": list(dialect.models), "default": "phoenix-4"},
        dialect.name_key: _NAME,
        "voice_name": _NAME,
        "default_voice_id": _NAME,
        "properties": _object(
            {"background_green_screen": _BOOLEAN, "gaze_correction": _BOOLEAN}, required=()
        ),
    }
    voices = [v for v in ("voice_name", "default_voice_id") if v in dialect.fields]
    image = {
        "required": ["train_image_url"],
        "properties": {"model_name": {"not": {"const": "phoenix-3"}}},
        "not": {"required": ["train_video_url"]},
        "oneOf": [{"required": [voice]} for voice in voices],
    }
    two_voices = [{"required": voices}] if len(voices) > 1 else []
    video = {
        "required": ["train_video_url"],
        "properties": {"auto_fix_training_image": {"const": False}},
        "not": {"anyOf": [{"required": ["train_image_url"]}, *two_voices]},
    }
    body = _object({name: kinds[name] for name in dialect.fields}, required=())
    return body | {"anyOf": [video, image]}


def _list(dialect: Dialect) -> dict[str, Any]:
    return {
        "operationId": f"list_{dialect.noun}s",
        "parameters": [
            *_paging(),
            _query("verbose", {"enum": ["true", "false"]}),
            _query(dialect.type_key, {"enum": ["user", "system"]}),
            _query(f"{dialect.id_key}s", _STRING),
        ],
        "responses": _responses(_page(_replica(dialect))),
    }


def _get(dialect: Dialect) -> dict[str, Any]:
    return {
        "operationId": f"get_{dialect.noun}",
        "parameters": [_query("verbose", {"enum": ["true", "false"]})],
        "responses": _responses(_replica(dialect), refusals={"404": "Message"}),
    }


def _delete(dialect: Dialect) -> dict[str, Any]:
    return {
        "operationId": f"delete_{dialect.noun}",
        "responses": _responses(None, refusals={"404": "Message"}),
    }


def _rename() -> dict[str, Any]:
    return {
        "operationId": "rename_replica",
        "requestBody": _json(_object({"replica_name": _NAME})) | {"required": True},
        "responses": _responses(None, refusals={"404": "Message", "413": "Error"}),
    }


def _patch() -> dict[str, Any]:
    body = _object(
        {"face_name": {"type": ["string", "null"], "minLength": 1}, "default_voice_id": _TEXT_OR_NULL}
    )
    return {
        "operationId": "patch_face",
        "requestBody": _json(body | {"required": []}) | {"required": True},
        "responses": _responses(None, refusals={"404": "Message", "413": "Error"}),
    }


def _voices() -> dict[str, Any]:
    return {
        "operationId": "list_voices",
        "parameters": _paging(),
        "responses": _responses(_page({"$ref": "#/components/schemas/Voice"})),
    }


# ---- parts


def _replica(dialect: Dialect) -> dict[str, Any]:
    moment = {"type": "string", "format": "date-time"}
    properties: dict[str, Any] = {
        dialect.id_key: _ID,
        dialect.name_key: _TEXT_OR_NULL,
        "thumbnail_video_url": _TEXT_OR_NULL,
        "training_progress": {"type": "string", "pattern": "^[0-9]{1,3}/100$"},
        "status": {"enum": ["started", "completed", "error"]},
        "created_at": moment,
        "updated_at": moment,
        "error_message": _TEXT_OR_NULL,
        "model_name": _STRING,
    }
    if dialect is FACES:
        properties["default_voice_id"] = _TEXT_OR_NULL
    optional = {
        "finetune_status": {"enum": [None, "training", "completed"]},
        dialect.type_key: {"enum": ["user", "system"]},
    }
    return _object(properties | optional, required=tuple(properties))


def _page(item: Mapping[str, Any]) -> dict[str, Any]:
    return _object(
        {"data": {"type": "array", "items": item}, "total_count": {"type": "integer", "minimum": 0}}
    )


def _paging() -> list[dict[str, Any]]:
    return [
        _query("limit", {"type": "integer", "minimum": 1, "maximum": 100}),
        _query("page", {"type": "integer", "minimum": 1, "maximum": 999_999_999}),
    ]


def _query(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def _path_parameter(dialect: Dialect) -> dict[str, Any]:
    return {"name": dialect.id_key, "in": "path", "required": True, "schema": _ID}


def _object(properties: Mapping[str, Any], *, required: tuple[str, ...] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _responses(
    answer: Mapping[str, Any] | None, *, refusals: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What may come back. The body of 401 is documented, and that of 400; 429 is not documented at all."""
    codes = {"400": "Error", "401": "Message", "429": "Error"} | dict(refusals or {})
    done = (
        {"204": {"description": "Done"}} if answer is None else {"200": {"description": "OK"} | _json(answer)}
    )
    return done | {
        code: {"description": code} | _json({"$ref": f"#/components/schemas/{name}"})
        for code, name in sorted(codes.items())
    }
