"""fairline's read side and shared model. Nothing heavy is imported here."""
