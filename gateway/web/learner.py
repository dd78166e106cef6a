"""Learners: what is due, the course page by page, the test, the result."""

from gateway.web.page import page_router

router = page_router()
