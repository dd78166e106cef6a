"""The only vocabulary that services share: frozen pydantic models, nothing but pydantic and the standard library."""
