# shellcheck shell=sh
# shellcheck disable=SC2154 # the script that these functions are put into sets work
# Which swap areas there are, and how they go. The first argument, keep, is the one that the node shall have: a path as in
# /proc/swaps, or nothing. $root is for tests: another root directory.
root=${NODEBAKE_ROOT-}

# As the kernel and fstab(5) write a name: \040 is a space.
decoded() { printf '%b' "$(printf %s "$1" | sed 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')"; }

# Names as the kernel writes them.
areas_on() { awk -v keep="$1" 'NR > 1 && $1 != keep { print $1 }' "$root/proc/swaps"; }

# The numbers of the lines that name swap. By the third field, as systemd and swapon read it: a pattern on the whole line
# would take /mnt/swap with it, or miss a tab. \163 is read as s by swapon, not by systemd.
fstab_swaps() {
  [ ! -e "$root/etc/fstab" ] || awk '
    function plain(text, out, code) {
      while (match(text, /\\[0-7][0-7][0-7]/)) {
        code = substr(text, RSTART + 1, 1) * 64 + substr(text, RSTART + 2, 1) * 8 + substr(text, RSTART + 3, 1)
        out = out substr(text, 1, RSTART - 1) sprintf("%c", code)
        text = substr(text, RSTART + 4)
      }
      return out text
    }
    !/^[ \t]*#/ { type = $3; sub(/\r$/, "", type); if (plain(type) == "swap") print NR, $1 }' "$root/etc/fstab"
}

# Line by line, so that all others stay as they are, byte for byte, with or without a newline at the end of the file.
fstab_swaps_removed() {
  lines=$(fstab_swaps | sed 's/ .*/d/')
  [ -n "$lines" ] || return 0
  rewritten "$root/etc/fstab" "$lines"
}

# rewritten FILE SCRIPT: by sed -E, beside its place and then renamed, with all that it has beside its bytes.
rewritten() {
  target=$(readlink -f -- "$1")
  cp -a -- "$target" "$target.nodebake-new"
  sed -E "$2" <"$target" >"$target.nodebake-new"
  mv -fT -- "$target.nodebake-new" "$target"
}

# Only a regular file that carries the mark of a swap area.
area_file_removed() {
  file=$root$(decoded "$2")
  case $2 in "$1") return 0 ;; /*) ;; *) return 0 ;; esac
  [ -f "$file" ] || return 0
  [ "$(dd if="$file" bs=1 skip=4086 count=10 2>/dev/null)" = SWAPSPACE2 ] || return 0
  rm -f -- "$file"
}

# What other_swap_gone does is told apart from whether it was done: somebody else may be turning swap on just now.
other_swap_gone() {
  { areas_on "$1"; fstab_swaps | cut -d' ' -f2; } | sort -u >"$work/areas"
  areas_on "$1" | while IFS= read -r area; do swapoff -- "$(decoded "$area")" || :; done
  fstab_swaps_removed
  while IFS= read -r area; do area_file_removed "$1" "$area"; done <"$work/areas"
  [ -z "$(areas_on "$1")" ]
}
