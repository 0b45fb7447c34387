"""A gRPC server with the service ``grpc.health.v1.Health`` of "Health Checking Protocol" in gRPC's documentation.

The server is gRPC's own; its health service is a package that Debian does not have, so the one method is written here.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import grpc

SERVING, NOT_SERVING = 1, 2
STARTING = "shop.Starting"
"""A service that the ready server knows and does not serve yet."""


def health(statuses: dict[str, int]) -> grpc.GenericRpcHandler:
    """Return the service with its method ``Check``, which knows these services."""

    def check(request: bytes, context: grpc.ServicerContext) -> bytes:
        """Answer a HealthCheckRequest (field 1: service) with a HealthCheckResponse (field 1: status)."""
        name = request[2:].decode()
        if name not in statuses:
            context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return bytes([0x08, statuses[name]])

    handlers = {"Check": grpc.unary_unary_rpc_method_handler(check)}
    return grpc.method_handlers_generic_handler("grpc.health.v1.Health", handlers)


def serve(handlers: tuple[grpc.GenericRpcHandler, ...], *addresses: str) -> grpc.Server:
    """Start a server on these addresses."""
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers(handlers)
    for address in addresses:
        server.add_insecure_port(address)
    server.start()
    return server


if __name__ == "__main__":
    servers = (
        serve((health({"": SERVING, STARTING: NOT_SERVING}),), "0.0.0.0:50051", "127.0.0.1:50052"),
        serve((health({"": NOT_SERVING}),), "0.0.0.0:50053"),
        serve((), "0.0.0.0:50054"),
    )
    for one in servers:
        one.wait_for_termination()
