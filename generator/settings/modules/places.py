"""Where modules are listed, and where units lie that are this machine's own."""

PATH = "/etc/modules-load.d/nodebake.conf"
UNITS = "/etc/systemd/system"
