"""Training centres: courses and their versions, what learners will see, what they got wrong."""

from gateway.web.page import page_router

router = page_router()
