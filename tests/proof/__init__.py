"""What people say that a Kubernetes node needs, each shown true or false by boots with it and without it."""
