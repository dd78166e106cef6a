"""The services of Parcours. They share `contracts` and `backbone`, and never import one another."""
