"""The parts of the product that have a process, a database and a broker user of their own."""

SERVICES = ("content", "progress", "scheduling", "reporting")
WORKERS = ("progress", "scheduling", "reporting")  # those that also have a `work` process
PARTS = (*SERVICES, "gateway")
