#!/bin/sh
# Stands before observe.sh where it comes by a credential: the agent's unit starts while others still do.
# Until systemd has no job left but the one that runs this; a job that does not end is a finding for the observer.
patience=240
while [ "$patience" -gt 0 ] && systemctl list-jobs --no-legend --no-pager | grep -qv ' nodebake-agent[.]service '; do
  patience=$((patience - 1))
  sleep 0.5
done
set -- --probes
