#!/bin/sh
# template.sh CMAKE BUILD WORK KIND: what `gatehouse plugin new` writes builds with the installed SDK alone, passes its own
# tests and `gatehouse plugin check`, and runs in the gateway. KIND: cpp, async, c or rust, in two categories each; or
# `refusals`. Ends with 77 (skipped) when there is no rustc.
set -e
cmake=$1 build=$2 work=$3 kind=$4
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)
gatehouse=$(cd "$build" && pwd)/bin/gatehouse
cd "$work"
refused() {  # refused WHY OPTIONS...: it says no, and writes nothing
  why=$1
  shift
  if "$gatehouse" plugin new "$@" 2>/dev/null; then echo "FAILED: $why was taken"; exit 1; fi
  [ "$(ls)" = there ] && [ "$(ls there)" = file ] || { echo "FAILED: $why wrote something"; exit 1; }
  echo "ok: $why is refused"
}
option='' objector=network
case $kind in
  cpp) ;;
  async) option=--async objector=resource ;;
  c) option=--c ;;
  rust) option=--rust objector=resource ;;
  refusals)
    mkdir there
    touch there/file
    refused 'a folder with files in it' there
    refused 'a bad name' Gate-2
    refused 'an id of ours' other --id gatehouse.jwt
    refused 'an unknown category' other --category people
    refused 'two languages' other --c --rust
    refused 'a name that a file of the project has' abi --rust
    exit 0
    ;;
esac
if [ "$kind" = rust ]; then
  PATH=$PATH:$HOME/.cargo/bin
  command -v rustc >/dev/null 2>&1 || { echo 'no rustc here: the project in Rust is not built'; exit 77; }
fi
"$cmake" --install "$build" --component sdk --prefix "$work/prefix" >/dev/null
for category in identity $objector; do
  name=gate_${kind}_$category
  # shellcheck disable=SC2086
  "$gatehouse" plugin new $name $option --category $category --id "com.example.$name"
  if grep -rn '@[A-Za-z_]*[@|]' "$name" | grep -v 'actions/'; then echo "FAILED: $name has words that were not filled in"; exit 1; fi
  "$cmake" -S "$name" -B "$name/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DGATEHOUSE_EXECUTABLE="$gatehouse" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS='-Wall -Wextra -Wpedantic -Werror' -DCMAKE_C_FLAGS='-Wall -Wextra -Werror' >/dev/null
  "$cmake" --build "$name/build" >/dev/null
  (cd "$name/build" && ctest --output-on-failure) || { echo "FAILED: $name"; exit 1; }
  "$gatehouse" validate "$name/gatehouse.yaml"
  "$gatehouse" plugin inspect --load --json "$name/build/$name.so" | grep -q "\"categories\":\[\"$category\"\]" ||
    { echo "FAILED: $name is of another category"; exit 1; }
  echo "ok: $name"
done
if [ "$kind" = rust ] && command -v cargo >/dev/null 2>&1; then
  (cd gate_rust_identity && cargo build --release --offline --quiet)
  "$gatehouse" plugin inspect gate_rust_identity/target/release/*.so >/dev/null
  echo 'ok: cargo builds the same'
fi
