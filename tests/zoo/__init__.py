"""Every source of swap side by side in real machines: that each is on without nodebake, and off with it."""
