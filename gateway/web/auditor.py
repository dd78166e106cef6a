"""Auditors: replay a person or a unit, in both times; compare two moments; rebuild with proof."""

from gateway.web.page import page_router

router = page_router()
