"""Checks: what is wrong with lines and banks, and how they are run. Findings only; the door is :mod:`catalog.checks.protocol`."""
