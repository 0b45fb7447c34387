"""JSON-RPC 2.0 as the model context protocol uses it: a request in, a reply out, no input or output of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PROTOCOL_VERSION = "2025-06-18"
SERVER = {"name": "infragate-example-gateway", "version": "1.0.0"}

INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602

Reply = dict[str, Any]


class InvalidParamsError(Exception):
    """The arguments of a call do not fit what the tool takes."""


@dataclass(frozen=True)
class Tool:
    """One tool that clients may call: ``parameters`` maps the name of each text argument to its description."""

    name: str
    description: str
    parameters: Mapping[str, str]
    call: Callable[..., Any]

    def described(self) -> dict[str, Any]:
        """Return the tool as ``tools/list`` shows it."""
        properties = {name: {"type": "string", "description": text} for name, text in self.parameters.items()}
        schema = {"type": "object", "properties": properties, "required": list(self.parameters)}
        return {"name": self.name, "description": self.description, "inputSchema": schema}


def answer(request: object, tools: Mapping[str, Tool]) -> Reply | None:
    """Return the reply to one request, ``None`` to a notification (a request without an id)."""
    if not isinstance(request, dict) or request.get("jsonrpc") != "2.0" or not isinstance(request.get("method"), str):
        return failure(None, INVALID_REQUEST, "This is no JSON-RPC 2.0 request.")
    if "id" not in request:
        return None
    try:
        result = _result(request["method"], request.get("params", {}), tools)
    except InvalidParamsError as error:
        return failure(request["id"], INVALID_PARAMS, str(error))
    except NotImplementedError as error:
        return failure(request["id"], METHOD_NOT_FOUND, str(error))
    return {"jsonrpc": "2.0", "id": request["id"], "result": result}


def failure(request_id: object, code: int, message: str) -> Reply:
    """Return an error reply."""
    return {"jsonrpc": "2.0", "id": request_id, "error": {"code": code, "message": message}}


def _result(method: str, params: object, tools: Mapping[str, Tool]) -> Any:
    if method == "initialize":
        return {"protocolVersion": PROTOCOL_VERSION, "capabilities": {"tools": {}}, "serverInfo": SERVER}
    if method == "ping":
        return {}
    if method == "tools/list":
        return {"tools": [tool.described() for tool in tools.values()]}
    if method == "tools/call":
        return _call(params, tools)
    raise NotImplementedError(f"There is no method {method!r}.")


def _call(params: object, tools: Mapping[str, Tool]) -> Any:
    if not isinstance(params, dict) or params.get("name") not in tools:
        raise InvalidParamsError(f"There is no such tool; there are {', '.join(tools)}.")
    tool = tools[params["name"]]
    arguments = params.get("arguments", {})
    if not isinstance(arguments, dict) or set(arguments) != set(tool.parameters):
        raise InvalidParamsError(f"{tool.name} takes exactly {', '.join(tool.parameters)}.")
    if not all(isinstance(value, str) for value in arguments.values()):
        raise InvalidParamsError(f"{tool.name} takes only text.")
    return {"structuredContent": tool.call(**arguments), "isError": False}
