"""Is it alive, is it ready, and how is it: for load balancers and Prometheus."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from dragoman.core.errors import DragomanError
from dragoman.live.supervisor import Supervisor


class Health:
    """What others may know of the server's state; filled in by its lifespan."""

    def __init__(self) -> None:
        self.supervisor: Supervisor | None = None
        self.failure: DragomanError | None = None
        """What kept the server from starting."""


def health_routes(health: Health) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        """200 when engines are loaded and sessions can start; 503 before that and while stopping."""
        supervisor = health.supervisor
        if supervisor is None or supervisor.stopping:
            return JSONResponse({"ready": False}, status_code=503)
        governor = supervisor.governor
        return JSONResponse({"ready": True, "sessions": governor.taken, "capacity": governor.capacity})

    @router.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """Prometheus text format."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
