"""Qdrant's published OpenAPI document as validators of requests and answers, stricter than the document is:
`nullable` without a type means null alone, and a property that no schema names is a violation in a request.
"""

import json
import re
from urllib.parse import parse_qs, unquote

import jsonschema_rs


def translated(schema, closed):
    """A schema of OpenAPI 3.0 as JSON Schema 2020-12; `closed` forbids properties it does not name."""
    if isinstance(schema, list):
        return [translated(element, closed) for element in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    result = {}
    for key, value in schema.items():
        if key in ("nullable", "example", "default", "description", "format", "deprecated", "discriminator"):
            continue
        if key == "properties":
            result[key] = {name: translated(child, closed) for name, child in value.items()}
        elif key in ("enum", "required"):
            result[key] = value
        else:
            result[key] = translated(value, closed)
    if closed and "properties" in result and "additionalProperties" not in result:
        result["additionalProperties"] = False
    if schema.get("nullable"):
        return {"anyOf": [result, {"type": "null"}]} if result else {"type": "null"}
    return result


class Operation:
    def __init__(self, method, template, spec, components):
        self.method = method
        self.template = template
        names = re.findall(r"\{(\w+)\}", template)
        self.pattern = re.compile("^" + re.sub(r"\{\w+\}", "([^/]+)", template) + "$")
        self.names = names
        self.components = components
        self.spec = spec
        self.query = {p["name"]: p for p in spec.get("parameters", []) if p["in"] == "query"}
        self.path = {p["name"]: p for p in spec.get("parameters", []) if p["in"] == "path"}
        self.validators = {}

    def validator(self, schema, closed):
        key = (json.dumps(schema, sort_keys=True), closed)
        if key not in self.validators:
            root = {**translated(schema, closed), "components": {"schemas": self.components[closed]}}
            self.validators[key] = jsonschema_rs.Draft202012Validator(root)
        return self.validators[key]

    def problems(self, value, schema, closed, where):
        found = self.validator(schema, closed).iter_errors(value)
        return [f"{where}: {error.message} at /{'/'.join(map(str, error.instance_path))}"[:600] for error in found]

    def request_problems(self, arguments, query, body, content_type):
        problems = []
        for name, value in arguments.items():
            if name in self.path:
                problems += self.problems(value, self.path[name]["schema"], True, f"path {name}")
        for name, texts in parse_qs(query, keep_blank_values=True, strict_parsing=query != "").items():
            if name not in self.query:
                problems.append(f"query parameter {name} is not in the document")
                continue
            for text in texts:
                readings = [text] + ([json.loads(text)] if re.fullmatch(r"true|false|\d+", text) else [])
                schema = self.query[name]["schema"]
                if not any(self.validator(schema, True).is_valid(reading) for reading in readings):
                    problems.append(f"query parameter {name}={text} does not fit")
        for name, parameter in self.query.items():
            if parameter.get("required") and name not in parse_qs(query, keep_blank_values=True):
                problems.append(f"query parameter {name} is missing")
        wanted = self.spec.get("requestBody")
        if wanted is None:
            return problems + ([f"a body where none belongs: {body!r:.200}"] if body is not None else [])
        if body is None:
            return problems + (["the body is missing"] if wanted.get("required") else [])
        if content_type.split(";")[0].strip() != "application/json":
            problems.append(f"content type {content_type}")
        return problems + self.problems(body, wanted["content"]["application/json"]["schema"], True, "body")

    def answer_problems(self, status, body):
        responses = self.spec["responses"]
        response = responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")
        if response is None:
            return [f"status {status} is not in the document"]
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        return [] if schema is None else self.problems(body, schema, False, f"answer {status}")


class Document:
    def __init__(self, file):
        with open(file, encoding="utf-8") as opened:
            document = json.load(opened)
        schemas = document["components"]["schemas"]
        components = {
            closed: {name: translated(schema, closed) for name, schema in schemas.items()} for closed in (True, False)
        }
        self.operations = [
            Operation(method.upper(), template, spec, components)
            for template, methods in document["paths"].items()
            for method, spec in methods.items()
            if method in ("get", "put", "post", "patch", "delete")
        ]
        # A literal segment goes before a parameter.
        self.operations.sort(key=lambda operation: operation.template.count("{"))

    def find(self, method, path):
        for operation in self.operations:
            match = operation.pattern.match(path)
            if operation.method == method and match:
                return operation, dict(zip(operation.names, map(unquote, match.groups())))
        return None
