#!/usr/bin/env bash
#/ tests/e2e/fresh_debian.sh [folder]: makes a minimal Debian 12 with git and nothing else, clones this repository into it
#/ (what is committed) and runs the README's two commands there: ./dev run until its three requests are answered as
#/ printed, and ./dev test; each twice, since a second call must be quick. Says how long each took. Needs root and mmdebstrap.
set -euo pipefail
source_dir=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
((EUID == 0)) || { echo "fresh_debian.sh: needs root, to enter the new system" >&2; exit 1; }
command -v mmdebstrap >/dev/null || { echo "fresh_debian.sh: needs mmdebstrap" >&2; exit 1; }
folder=${1:-$(mktemp -d /var/tmp/gatehouse-debian-XXXXXX)}
root=$folder/root
mkdir -p "$folder"

trap 'rm -rf --one-file-system "$root"' EXIT

begin=$SECONDS
lap() {
  printf '%-44s %5d s\n' "$1" $((SECONDS - begin))
  begin=$SECONDS
}

mmdebstrap --variant=minbase --include=git,ca-certificates bookworm "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
lap "a minimal Debian 12"
git clone -q --bare "$source_dir" "$root/srv/gatehouse.git"
[[ -e /etc/resolv.conf ]] && cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp -L /etc/hosts "$root/etc/hosts"
for file in /etc/apt/apt.conf.d/*proxy*; do [[ -e $file ]] && cp "$file" "$root/etc/apt/apt.conf.d/"; done

# Mounts and processes of its own: what is left running or mounted goes with it.
inside() {
  unshare --mount --pid --fork --kill-child bash -c '
    mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
      exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM="${TERM:-dumb}" bash -c "$2"' inside "$root" "$1"
}

inside 'cd /root && git clone -q /srv/gatehouse.git gatehouse'
lap "git clone"

# Serves, answers the requests that it printed with the statuses that it printed, and leaves nothing behind on SIGINT.
try_run=$(cat <<'TRY'
cd /root/gatehouse
set -m  # a process group of its own: what a terminal sends Ctrl-C to
./dev run >/tmp/run.log 2>&1 &
run=$!
set +m
for ((i = 0; i < 36000; i++)); do
  grep -q 'Ctrl-C stops everything' /tmp/run.log && break
  kill -0 $run 2>/dev/null || { tail -n 40 /tmp/run.log; exit 1; }
  sleep 0.1
done
sed -n '/The gateway serves/,$p' /tmp/run.log
status=0
while IFS= read -r line; do
  wanted=${line##* }
  got=$(eval "${line%%#*} -s -o /tmp/body -w '%{http_code}'")
  echo "  $got  ${line%%#*} -> $(cat /tmp/body)"
  [[ $got == "$wanted" ]] || status=1
done < <(sed -n 's/^  curl -i /curl /p' /tmp/run.log)
kill -INT -$run
wait $run
sleep 0.5
if grep -qsx gatehouse /proc/[0-9]*/comm; then echo "left running"; status=1; fi
exit $status
TRY
)
inside "$try_run"
lap "./dev run, first, until answered and stopped"
inside "$try_run" >/dev/null
lap "./dev run, again, the same"
inside 'cd /root/gatehouse && ./dev test' >"$folder/test.log" 2>&1 || { tail -n 60 "$folder/test.log"; exit 1; }
tail -n 4 "$folder/test.log"
lap "./dev test, first"
inside 'cd /root/gatehouse && ./dev test -L architecture' >/dev/null
lap "./dev test of one label, again"
