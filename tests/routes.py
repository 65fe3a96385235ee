"""Every route of an application, those of the applications and routers inside it too."""

from collections.abc import Iterable, Iterator
from typing import Any

ANY = ("GET", "POST")  # stand for all methods of a route that takes any


def routes(listed: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the method and the path template of each route; a folder of files ends in `/{path:path}`."""
    for route in listed:
        if contexts := getattr(route, "effective_route_contexts", None):
            yield from routes(contexts(), prefix)
            continue
        path = prefix + route.path
        inner = unwrapped(getattr(route, "app", None))
        if hasattr(route, "methods"):
            for method in sorted(route.methods or ANY):
                yield method, path
        elif type(route).__name__ == "Mount" and hasattr(inner, "routes"):
            yield from routes(inner.routes, path)
        else:
            for method in ANY:
                yield method, f"{path}/{{path:path}}"


def unwrapped(application: Any) -> Any:
    """Return the application that others stand before."""
    while not hasattr(application, "routes") and hasattr(application, "app"):
        application = application.app
    return application
