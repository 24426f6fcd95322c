# shellcheck shell=sh

unit_is() { [ "$(systemctl is-enabled -- "$1" 2>/dev/null)" = "$2" ]; }

unit_enabled_ok() { unit_is "$1" enabled && systemctl -q is-active -- "$1"; }
unit_enabled_do() { systemctl enable --now -- "$1"; }
unit_disabled_ok() { unit_is "$1" disabled && ! systemctl -q is-active -- "$1"; }
unit_disabled_do() { systemctl disable --now -- "$1"; }
unit_masked_ok() { unit_is "$1" masked && ! systemctl -q is-active -- "$1"; }
unit_masked_do() { systemctl mask --now -- "$1"; }
