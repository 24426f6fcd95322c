# shellcheck shell=sh
# shellcheck disable=SC2154 # the script that these functions are put into sets work

# sysctl_set PATH VALUE [OTHER-NAME...]: paths are below /proc/sys. It is so when it reads so now, and the files will
# have it so after a boot: a bridge's parameters read 1 once their module is loaded, whatever a later file says.
sysctl_set_ok() {
  sysctl_reads "$1" "$2" || return 1
  case $(sysctl_told "$@") in "$2 by "*) return 0 ;; esac
  return 1
}

sysctl_reads() { [ "$(tr -s '[:blank:]' ' ' <"/proc/sys/$1")" = "$2" ]; } 2>/dev/null

# systemd's own reader, with every name of the parameter, so that what holds now is what will hold after a boot. It also
# fails for a bad line in any file, which is no fault of this parameter: what counts is what is so then.
sysctl_set_do() {
  path=$1
  shift 2
  set -- "$path" "$@"
  for path do
    shift
    set -- "$@" "--prefix=/$path"
  done
  /usr/lib/systemd/systemd-sysctl "$@" || say "systemd-sysctl ended with exit code $?"
}

sysctl_set_why() {
  say "/proc/sys/$1 reads: $(cat "/proc/sys/$1" 2>&1)"
  told=$(sysctl_told "$@")
  say "at a boot it is set to: ${told:-nothing, for no file names it}"
  say "remedy: take that line out, or lay an empty file of the same name in /etc/sysctl.d, which hides the other"
}

# sysctl_told PATH VALUE [OTHER-NAME...]: prints `VALUE by FILE:LINE` of the line that systemd-sysctl writes last for the
# parameter. Of lines that are globs it knows nothing.
sysctl_told() (
  names=" $1 "
  shift 2
  for other do names="$names$other "; done
  set --
  sysctl_files >"$work/sysctl-files"
  while IFS= read -r file; do
    [ ! -f "$file" ] || set -- "$@" "$file"
  done <"$work/sysctl-files"
  sysctl_awk >"$work/sysctl-awk"
  [ "$#" -eq 0 ] || awk -v names="$names" -f "$work/sysctl-awk" "$@" </dev/null
)

# In the order in which systemd-sysctl reads them: by name, whatever the folder, of each name the first folder's.
# sysctl_root is another root file system, for tests.
sysctl_folders="/etc /run /usr/local/lib /usr/lib"
sysctl_files() {
  for folder in $sysctl_folders; do
    folder=${sysctl_root-}$folder
    for file in "$folder"/sysctl.d/*.conf; do
      if [ -e "$file" ] || [ -L "$file" ]; then printf '%s/%s\n' "${file##*/}" "$file"; fi
    done
  done | sort -s -u -t / -k 1,1 | cut -d / -f 2-
  for folder in $sysctl_folders; do
    folder=${sysctl_root-}$folder
    if [ -f "$folder/credstore/sysctl.extra" ]; then
      printf '%s\n' "$folder/credstore/sysctl.extra"
      return 0
    fi
  done
}

# systemd-sysctl writes a name where its value last changed; the same value again leaves it there. A name that is taken
# out (a line of its own that begins with -) is not written at all.
sysctl_awk() {
  cat <<'AWK'
function strip(text) { gsub(/^[ \t\r]+|[ \t\r]+$/, "", text); return text }
length($0) >= 1048576 { stopped = FILENAME } # there systemd reads no further
FILENAME == stopped { next }
{ line = strip($0); at = index(line, "=") }
line ~ /^([#;]|$)/ || (!at && line !~ /^-/) { next }
{
  key = at ? substr(line, 1, at - 1) : line
  sub(/^-/, "", key)
  key = strip(key)
  if (match(key, /[.\/]/) && substr(key, RSTART, 1) == ".") {
    gsub(/\//, "\n", key); gsub(/\./, "/", key); gsub(/\n/, ".", key)
  }
  gsub(/\/+/, "/", key)
  gsub(/^\/|\/$/, "", key)
  if (!index(names, " " key " ")) next
  value = at ? strip(substr(line, at + 1)) : "nothing"
  if (!(key in held) || held[key] != value) place[key] = at ? ++count : 0
  held[key] = value
  where[key] = FILENAME ":" FNR
}
END {
  for (key in held) if (last == "" || place[key] > place[last]) last = key
  if (last == "") exit
  value = held[last]
  if (value ~ /^-?[0-9]/) sub(/[ \t]+#.*/, "", value)
  gsub(/[ \t]+/, " ", value)
  print value " by " where[last]
}
AWK
}
