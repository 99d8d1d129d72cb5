#!/bin/sh
# installed.sh CMAKE BUILD CONSUMER WORK: installs the SDK, builds a stranger's project with it through the CMake package
# and through pkg-config, and looks at what comes out.
set -e
cmake=$1 build=$2 consumer=$3 work=$4
rm -rf "$work"
"$cmake" --install "$build" --component sdk --prefix "$work/prefix" >/dev/null
"$cmake" -G Ninja -S "$consumer" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release >/dev/null
"$cmake" --build "$work/build" >/dev/null
check() {
  names=$(nm -D --defined-only --format=posix "$1" | cut -d' ' -f1 | tr '\n' ' ')
  [ "$names" = 'gatehouse_module_v1 ' ] || { echo "FAILED: $1 exports: $names"; exit 1; }
  readelf -p .gatehouse "$1" | grep -q 'id=com.example.gate' || { echo "FAILED: $1 has no manifest"; exit 1; }
  readelf -d "$1" | grep -q 'BIND_NOW\|NOW' || { echo "FAILED: $1 binds lazily"; exit 1; }
  echo "ok: $1"
}
check "$work/build/gate.so"
if command -v pkg-config >/dev/null 2>&1; then
  # The prefix was given at install time, so pkg-config is told.
  pc=$(dirname "$(find "$work/prefix" -name gatehouse-sdk.pc)")
  prefix=$(cd "$work/prefix" && pwd)
  old=$(PKG_CONFIG_PATH=$pc pkg-config --variable=prefix gatehouse-sdk)
  sed -i "s,$old,$prefix,g" "$pc/gatehouse-sdk.pc"
  export PKG_CONFIG_PATH=$pc
  # shellcheck disable=SC2046
  c++ -std=c++17 -O2 $(pkg-config --cflags gatehouse-sdk) $(pkg-config --variable=plugin_cflags gatehouse-sdk) \
    "$consumer/gate.cpp" $(pkg-config --variable=plugin_ldflags gatehouse-sdk) -o "$work/gate-pc.so"
  check "$work/gate-pc.so"
fi
