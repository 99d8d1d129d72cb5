#!/bin/sh
# template.sh CMAKE BUILD WORK: what `gatehouse plugin new` writes builds with the installed SDK alone, passes its own
# tests and `gatehouse plugin check`, and runs in the gateway.
set -e
cmake=$1 build=$2 work=$3
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)
gatehouse=$(cd "$build" && pwd)/bin/gatehouse
"$cmake" --install "$build" --component sdk --prefix "$work/prefix" >/dev/null
cd "$work"
for kind in '' --async --c; do
  name=gate${kind:+_$(echo "$kind" | tr -d -)}
  # shellcheck disable=SC2086
  "$gatehouse" plugin new $name $kind --id "com.example.$name"
  "$cmake" -S "$name" -B "$name/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DGATEHOUSE_EXECUTABLE="$gatehouse" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS='-Wall -Wextra -Wpedantic -Werror' -DCMAKE_C_FLAGS='-Wall -Wextra -Werror' >/dev/null
  "$cmake" --build "$name/build" >/dev/null
  (cd "$name/build" && ctest --output-on-failure) || { echo "FAILED: $name"; exit 1; }
  "$gatehouse" validate "$name/gatehouse.yaml"
  echo "ok: $name"
done
if "$gatehouse" plugin new gate 2>/dev/null; then echo 'FAILED: a folder with files in it was written to'; exit 1; fi
if "$gatehouse" plugin new Gate-2 2>/dev/null; then echo 'FAILED: a bad name was taken'; exit 1; fi
if "$gatehouse" plugin new other --id gatehouse.jwt 2>/dev/null; then echo 'FAILED: an id of ours was taken'; exit 1; fi
echo 'ok: refusals'
