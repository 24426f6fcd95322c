#!/bin/sh
# The instance that cloud-init takes this machine for, and all of which it knows.
cat /var/lib/cloud/data/instance-id || exit 1
ls -A /var/lib/cloud/instances
