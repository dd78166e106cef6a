"""Operators: whether all parts work and how far behind they are. No word about persons."""

from gateway.web.page import page_router

router = page_router()
