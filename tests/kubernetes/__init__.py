"""Kubernetes' own packages from a signed repository that is made here, and Kubernetes' own verdict on nodes."""
