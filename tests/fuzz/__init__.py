"""A coverage-guided fuzzer (atheris) over all that becomes of bytes: load -> plan -> render, and lists of nodes."""
