"""fairline's write side: release, withdraw, exports, the example bank. It imports ``catalog``, never the other way."""
