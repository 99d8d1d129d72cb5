#!/bin/sh
# readme.sh README CONSUMER [BUILD WORK]: the README's code is the code that abi.installed_package builds. With BUILD and
# WORK its steps are run as they stand: from an installed SDK to answers of a running gateway.
readme=$1 consumer=$2 build=$3 work=$4
# block KIND N: the README's N-th block of that kind.
block() {
  awk -v kind="$1" -v n="$2" '$0 == "```" kind && ++seen == n { on = 1; next } $0 == "```" && on { exit } on' "$readme"
}
for pair in cpp:1:gate.cpp cmake:1:CMakeLists.txt cpp:2:gate_test.cpp yaml:1:gatehouse.yaml cpp:3:lookup.cpp; do
  file=${pair##*:} rest=${pair%:*}
  block "${rest%:*}" "${rest#*:}" | diff - "$consumer/$file" || { echo "FAILED: the README's $file is another"; exit 1; }
done
[ -n "$build" ] || exit 0

set -eu
command -v curl >/dev/null || { echo 'no curl here'; exit 77; }
umask 022
rm -rf "$work"
mkdir -p "$work/home/gate" "$work/clone/build"
ln -s "$build" "$work/clone/build/release"
for file in gate.cpp CMakeLists.txt gate_test.cpp gatehouse.yaml; do cp "$consumer/$file" "$work/home/gate"; done
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sed -i "s/127.0.0.1:8080/127.0.0.1:$port/" "$work/home/gate/gatehouse.yaml"
{
  echo 'set -eu'
  for n in 1 2 3 4 5 6; do block sh $n; done | sed "s/127.0.0.1:8080/127.0.0.1:$port/"
} >"$work/steps.sh"
grep -q 'gatehouse reload' "$work/steps.sh" || { echo 'FAILED: these are not all steps'; exit 1; }
echo 'kill $! && wait $! || true' >>"$work/steps.sh"
cd "$work/clone"
said=$(HOME=$work/home PATH=$build/bin:$PATH CMAKE_GENERATOR=Ninja ASAN_OPTIONS=detect_leaks=0 timeout 250 sh "$work/steps.sh" 2>"$work/errors") || {
  echo "FAILED: a step ended badly: $said"
  cat "$work/errors"
  exit 1
}
echo "$said"
echo "$said" | grep -qx 401 || { echo 'FAILED: no 401'; exit 1; }
echo "$said" | grep -q '^hello' || { echo 'FAILED: no hello'; exit 1; }
