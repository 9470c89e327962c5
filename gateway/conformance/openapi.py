"""The vendor's OpenAPI document: what a plugin requests, and what its sandbox answers, has to be as the document says.

openapi-core does the validation. It is only needed for this.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.requests import Request as SandboxRequest

from telegraphql.gateway.plugin.fault_modes import Fault
from telegraphql.gateway.plugin.sandbox import Sandbox

# The kit compares paths, not hosts: the sandbox is at another one.
HOST = "http://upstream.invalid"
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
COMBINED = {"allOf", "anyOf", "oneOf"}
FIRST_REFUSAL = 400
MOST_WORDS = 300


@dataclass
class SentRequest:
    """A request, with all that openapi-core reads of it."""

    method: str
    path: str
    parameters: Any
    body: bytes | None
    content_type: str
    host_url: str = HOST


@dataclass(frozen=True)
class _SentAnswer:
    status_code: int
    headers: Mapping[str, str]
    content_type: str
    data: bytes


class OpenApiDocument:
    """A document with which exchanges are compared.

    Raises:
        OSError: the file cannot be read.
        ImportError: openapi-core is not installed.
        ValueError: it is no OpenAPI document of version 3.
    """

    def __init__(self, path: Path) -> None:
        import yaml  # type: ignore[import-untyped]
        from openapi_core import Config, OpenAPI

        content = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        if not isinstance(content, dict) or not str(content.get("openapi")).startswith("3.") or not isinstance(content.get("paths"), dict):
            raise ValueError(f"{path.name} is no OpenAPI document of version 3 with paths")
        self.name = path.name
        _close(content)
        self.prefixes, flat = _without_servers(content)
        # Values are only compared, never used.
        formats: dict[str, Callable[[Any], Any]] = {node["format"]: str for node in _nodes(content) if isinstance(node.get("format"), str)}

        # Not validated as a whole: that takes long, and documents of vendors have small mistakes.
        config = Config(spec_validator_cls=None, extra_format_unmarshallers=formats)  # type: ignore[arg-type]
        self._document = OpenAPI.from_dict(flat, config=config, base_uri=path.absolute().as_uri())

    def mistakes(self, request: httpx.Request, answer: httpx.Response, base_path: str) -> Iterator[str]:
        """Yield how an exchange differs from the document. The bodies of both were read. `base_path`: that of the sandbox."""
        from openapi_core.templating.paths.exceptions import PathError

        for path in self._paths(request.url.path, base_path):
            exchange = _exchange(request, path)
            read = self._document.request_unmarshaller.unmarshal(exchange)
            if not any(isinstance(error, PathError) for error in read.errors):
                break
        else:
            yield f"it is not in {self.name}"
            return
        yield from (f"request: {_words(error)}" for error in read.errors)
        if not read.errors:
            unknown = sorted({*request.url.params} - {*read.parameters.query})
            yield from (f"request: {self.name} has no parameter `{name}` of it" for name in unknown)
        content_type = answer.headers.get("content-type", "")
        received = _SentAnswer(answer.status_code, answer.headers, content_type, answer.content)
        found = self._document.response_validator.iter_errors(exchange, received)
        yield from (f"answer {answer.status_code} of the sandbox: {_words(error)}" for error in found)

    def _paths(self, path: str, base_path: str) -> list[str]:
        """Return what a path may be in the document: as it is, or below one of the document's servers."""
        below = path.removeprefix(base_path)
        return [path, *(f"{prefix}{below}" for prefix in self.prefixes if f"{prefix}{below}" != path)]


class DocumentWatch:
    """Compares the exchanges of a transport with a document. `mistakes` has what was found since it was cleared."""

    def __init__(self, document: OpenApiDocument, sandbox: Sandbox) -> None:
        self.mistakes: list[str] = []
        self._document, self._sandbox = document, sandbox
        self._known: dict[tuple[object, ...], list[str]] = {}

    def wants(self, request: httpx.Request) -> bool:
        """Return True for a request that is answered as the upstream would. Documents say little of files, and nothing of faults."""
        return self._sandbox.fault == Fault() and self._operation(request) not in self._sandbox.file_operations

    def see(self, request: httpx.Request, answer: httpx.Response) -> None:
        """Compare an exchange. The kit also asks for what is refused, such as ids that nobody has."""
        if answer.status_code >= FIRST_REFUSAL:
            return
        key = request.method, str(request.url), request.content, answer.content
        if key not in self._known:
            found = self._document.mistakes(request, answer, self._sandbox.base_path)
            self._known[key] = [f"{self._operation(request)}: {text[:MOST_WORDS]}" for text in found]
        self.mistakes += self._known[key]

    def _operation(self, request: httpx.Request) -> str:
        headers = [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
        url = request.url
        scope = {"type": "http", "method": request.method, "path": url.path, "query_string": url.query, "headers": headers}
        return self._sandbox.operation(SandboxRequest(scope), request.content)


def _without_servers(content: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Return the paths of a document's servers, and the document with these paths in its own."""
    common = _server_paths(content) or [""]
    paths: dict[str, Any] = {}
    prefixes = dict.fromkeys(common)
    for path, item in content["paths"].items():
        own = _server_paths(item) or common
        prefixes |= dict.fromkeys(own)
        kept = {name: _bare(each) if name in METHODS else each for name, each in item.items() if name != "servers"}
        paths |= {f"{prefix}{path}": kept for prefix in own}
    return list(prefixes), {**content, "servers": [{"url": HOST}], "paths": paths}


def _nodes(part: Any) -> Iterator[dict[str, Any]]:
    """Yield all objects in a part of a document."""
    if isinstance(part, dict):
        yield part
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _nodes(each)


def _close(content: dict[str, Any]) -> None:
    """Let objects have no properties beside those that they name. Parts of a whole are left: each has others."""
    nodes = list(_nodes(content))
    shared = [part for node in nodes for part in node.get("allOf") or () if isinstance(part, dict)]
    inside = {id(part) for part in shared} | {id(_component(content, part["$ref"])) for part in shared if "$ref" in part}
    for node in nodes:
        names_all = isinstance(node.get("properties"), dict) and not COMBINED & node.keys()
        if names_all and id(node) not in inside:
            node.setdefault("additionalProperties", False)


def _component(content: dict[str, Any], reference: str) -> Any:
    found: Any = content
    for name in reference.partition("#/")[2].split("/"):
        found = found.get(name.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found


def _bare(operation: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in operation.items() if name != "servers"}


def _server_paths(holder: Mapping[str, Any]) -> list[str]:
    return [urlsplit(server["url"]).path.rstrip("/") for server in holder.get("servers") or ()]


def _exchange(request: httpx.Request, path: str) -> SentRequest:
    from openapi_core.datatypes import RequestParameters
    from werkzeug.datastructures import Headers, ImmutableMultiDict

    query, headers = ImmutableMultiDict(request.url.params.multi_items()), Headers(list(request.headers.items()))
    parameters = RequestParameters(query=query, header=headers)
    return SentRequest(request.method.lower(), path, parameters, request.content or None, request.headers.get("content-type", "").lower())


def _words(error: BaseException) -> str:
    """Return what openapi-core says, with the place in the body where it says one."""
    inner: BaseException | None = error
    while inner is not None:
        if found := getattr(inner, "schema_errors", None):
            first = next(iter(found))
            place = ".".join(map(str, first.absolute_path))
            return f"`{place}`: {first.message}" if place else f"{error}: {first.message}"
        inner = inner.__cause__
    return str(error)
