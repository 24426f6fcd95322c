"""What is wanted of two clones, in words."""

OTHER = "another on each"
KEPT = "the same after a reboot"
ALIKE = "the same on both"
UNITS = "disabled at the first boot"
ENABLED = "a first boot enables what the profile disabled: packages change under a running node"
