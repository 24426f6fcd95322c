"""Secrets that are known, and the search for them in all that a build leaves."""
