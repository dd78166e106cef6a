"""Certificates: the paper that a learner takes along, and the page that confirms it."""

from gateway.web.page import page_router

router = page_router()
