"""What is rendered, read by the real cloud-init of the distributions: `packages` brings it, `process` asks it."""
