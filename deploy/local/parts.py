"""The parts of the product that have a process, a database and a broker user of their own."""

SERVICES = ("content", "progress", "scheduling", "reporting")
LOGS = ("content", "progress", "scheduling")  # those that keep a log
PARTS = (*SERVICES, "gateway")
