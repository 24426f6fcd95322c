# shellcheck shell=sh

# user_exists NAME SHELL GROUPS: groups are joined by commas.
user_exists_ok() {
  [ "$(getent passwd -- "$1" | cut -d: -f7)" = "$2" ] || return 1
  for group in $(printf %s "$3" | tr , ' '); do
    id -nG -- "$1" | tr ' ' '\n' | grep -qxF -- "$group" || return 1
  done
}

user_exists_do() {
  for group in "$1" $(printf %s "$3" | tr , ' '); do
    getent group -- "$group" >/dev/null || groupadd -- "$group"
  done
  getent passwd -- "$1" >/dev/null || useradd -m -g "$1" -s "$2" -- "$1"
  usermod -s "$2" -aG "$3" -- "$1"
}

# user_keys NAME KEYS: KEYS is the whole text of authorized_keys.
user_keys_file() { printf '%s/.ssh/authorized_keys' "$(getent passwd -- "$1" | cut -d: -f6)"; }

user_keys_ok() {
  keys=$(user_keys_file "$1")
  printf %s "$2" | cmp -s - "$keys" && [ "$(stat -c '%a %U' -- "$keys")" = "600 $1" ]
}

user_keys_do() {
  keys=$(user_keys_file "$1")
  group=$(id -gn -- "$1")
  install -d -m 0700 -o "$1" -g "$group" -- "$(dirname -- "$keys")"
  printf %s "$2" >"$keys.nodebake-new"
  chown -- "$1:$group" "$keys.nodebake-new"
  chmod 0600 "$keys.nodebake-new"
  mv -fT -- "$keys.nodebake-new" "$keys"
}
