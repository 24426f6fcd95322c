"""What is known of cloud-init's releases: which of them knows which key. Rows of keys.yaml; all pure."""
