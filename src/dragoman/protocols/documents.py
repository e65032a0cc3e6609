"""What is reached by HTTP, as a page for people. Its script and style come from here: a server of one's own may have no
way to the Internet, and its users' browsers tell nobody of it."""

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

PATH = "/docs"


def add_documents(api: FastAPI) -> None:
    """``api`` has none of its own."""
    # Of that package only the files are of use: its own page knows nothing of the parameters below.
    assets = StaticFiles(packages=[("fastapi_offline", "static")])
    api.mount(f"{PATH}/assets", assets)

    @api.get(PATH, include_in_schema=False)
    async def documents(request: Request) -> HTMLResponse:
        below = request.scope.get("root_path", "")
        return get_swagger_ui_html(
            openapi_url=f"{below}{api.openapi_url}",
            title=api.title,
            swagger_js_url=f"{below}{PATH}/assets/swagger-ui-bundle.js",
            swagger_css_url=f"{below}{PATH}/assets/swagger-ui.css",
            swagger_favicon_url="data:,",
            swagger_ui_parameters={"validatorUrl": None},  # else the page is shown to a validator on the Internet
        )
