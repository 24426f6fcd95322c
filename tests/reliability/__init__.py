"""When the disk, the network, the host or its user let nodebake down: cases.yaml, tried for docs/reliability.md."""
