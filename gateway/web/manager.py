"""Personnel managers: how their units stand, who stands behind each figure, who must learn what by when."""

from gateway.web.page import page_router

router = page_router()
