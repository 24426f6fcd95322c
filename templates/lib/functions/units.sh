# shellcheck shell=sh

unit_is() { [ "$(systemctl is-enabled -- "$1" 2>/dev/null)" = "$2" ]; }

# Running, or on its way (kubelet restarts until its node has joined), or a oneshot that has done its work.
unit_runs() {
  case $(systemctl show -p ActiveState --value -- "$1") in
    active | activating | reloading) return 0 ;;
  esac
  [ "$(systemctl show -p Type -p Result --value -- "$1" | tr '\n' ' ')" = 'oneshot success ' ]
}

unit_enabled_ok() { unit_is "$1" enabled && unit_runs "$1"; }
unit_enabled_do() { systemctl enable --now -- "$1"; }

# unit_wanted UNIT: of a unit that has nothing to do before the next boot where an image is made.
unit_wanted_ok() { unit_is "$1" enabled && { ! live || unit_runs "$1"; }; }
unit_wanted_do() { if live; then systemctl enable --now -- "$1"; else systemctl enable --no-reload -- "$1"; fi; }

unit_disabled_ok() { unit_is "$1" disabled && ! systemctl -q is-active -- "$1"; }
unit_disabled_do() { systemctl disable --now -- "$1"; }
unit_masked_ok() { unit_is "$1" masked && ! systemctl -q is-active -- "$1"; }
unit_masked_do() { systemctl mask --now -- "$1"; }

# units_stopped UNIT...: those that are not there are not running.
units_stopped_ok() { ! systemctl is-active -- "$@" | grep -qxE 'active|activating|reloading'; }
units_stopped_do() {
  for unit in "$@"; do ! systemctl -q is-active -- "$unit" || systemctl stop -- "$unit"; done
}

# unit_absent UNIT: of a unit of ours that lies in /etc.
unit_absent_ok() { [ ! -e "/etc/systemd/system/$1" ]; }
unit_absent_do() {
  systemctl disable --now -- "$1"
  rm -f -- "/etc/systemd/system/$1"
  systemctl daemon-reload
}
