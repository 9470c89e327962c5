"""JSON Schema of telegraphql.toml, for the completion and checks of editors."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from telegraphql.gateway.config.settings import GatewaySettings
from telegraphql.gateway.duration import DURATION
from telegraphql.gateway.plugin.provider import Provider

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DURATION_TEXT = {"type": "string", "pattern": f"^{DURATION.pattern}$"}
# Every value can come from elsewhere.
REFERENCES = [
    {"type": "object", "properties": {name: {"type": "string"}}, "required": [name], "additionalProperties": False}
    for name in ("env", "file")
]


class _TomlSchema(GenerateJsonSchema):
    """Values as TOML has them: durations are texts with a unit, dates are dates or texts."""

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        """Return the schema of a duration."""
        return dict(DURATION_TEXT)

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """Return the schema of a value that is parsed from text: only durations are."""
        is_duration = schema["schema"]["type"] in ("float", "timedelta")
        return dict(DURATION_TEXT) if is_duration else super().function_before_schema(schema)

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        """Return the schema of a date or time. Editors show a TOML date as text."""
        return {"type": "string"}


def config_schema(plugins: Mapping[str, type[Provider]]) -> dict[str, Any]:
    """Return the JSON Schema of the configuration for the installed plugins."""
    gateway = _schema_of(GatewaySettings)
    definitions = gateway.pop("$defs")
    variants = []
    for name, plugin in sorted(plugins.items()):
        table = _schema_of(plugin.settings_type)
        definitions |= table.pop("$defs", {})
        table["properties"]["plugin"] = {"const": name, "title": plugin.title}
        table["required"] = ["plugin", *table.get("required", ())]
        definitions[f"provider_{name}"] = table
        variants.append({"$ref": f"#/$defs/provider_{name}"})
    gateway["properties"]["providers"] = {
        "type": "object",
        "additionalProperties": {"oneOf": variants, "required": ["plugin"]},
        "description": "One table per account.",
    }
    for table in definitions.values():
        _allow_references(table)
    return {"$schema": DIALECT, **gateway, "title": "telegraphql.toml", "$defs": definitions}


def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(schema_generator=_TomlSchema)
    schema["description"] = " ".join((model.__doc__ or "").split())
    return schema


def _allow_references(table: dict[str, Any]) -> None:
    for name, value in table.get("properties", {}).items():
        if "$ref" not in value and name != "plugin":
            notes = {key: value.pop(key) for key in ("title", "description", "default") if key in value}
            table["properties"][name] = {"anyOf": [value, *REFERENCES], **notes}
