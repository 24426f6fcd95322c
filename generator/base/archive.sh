# shellcheck shell=sh
# A second customize hook of mmdebstrap: what apt knows of where the packages came from, while it still has its lists. $1 is
# the root file system. apt took nothing that is not named in a Release whose signature it checked.
set -eu
# shellcheck disable=SC2016 # dpkg-query's own fields
chroot "$1" dpkg-query -W -f '${binary:Package}=${Version}\n' | xargs chroot "$1" apt-cache show > "$1/archive.txt"
cd "$1/var/lib/apt/lists"
for release in *_InRelease *_Release; do
  [ -f "$release" ] || continue
  sha256sum "$release"
  grep -m 3 -E '^(Suite|Codename|Date): ' "$release"
done > "$1/releases.txt"
