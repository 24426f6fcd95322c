"""nodebake: one profile, rendered, baked into a golden Kubernetes-node image, booted and judged."""

__version__ = "0.1.0"
