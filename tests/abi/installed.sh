#!/bin/sh
# installed.sh CMAKE BUILD CONSUMER WORK KIT: installs the SDK, builds a stranger's project with it through the CMake package
# and through pkg-config, and looks at what comes out. KIT 0: without the kit, whose code
# a sanitizer has changed.
set -e
cmake=$1 build=$(cd "$2" && pwd) consumer=$3 work=$4 kit=$5
rm -rf "$work"
"$cmake" --install "$build" --component sdk --prefix "$work/prefix" >/dev/null
"$cmake" -G Ninja -S "$consumer" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release >/dev/null
"$cmake" --build "$work/build" >/dev/null
if [ "$kit" = 1 ]; then
  "$cmake" -S "$(dirname "$consumer")/kit_consumer" -B "$work/kit" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release >/dev/null
  "$cmake" --build "$work/kit" >/dev/null
fi
check() {  # check FILE [ID]
  names=$(nm -D --defined-only --format=posix "$1" | cut -d' ' -f1 | tr '\n' ' ')
  [ "$names" = 'gatehouse_module_v1 ' ] || { echo "FAILED: $1 exports: $names"; exit 1; }
  readelf -p .gatehouse "$1" | grep -q "id=${2:-com.example.gate}" || { echo "FAILED: $1 has no manifest"; exit 1; }
  readelf -d "$1" | grep -q 'BIND_NOW\|NOW' || { echo "FAILED: $1 binds lazily"; exit 1; }
  echo "ok: $1"
}
check "$work/build/gate.so"
if [ "$kit" = 1 ]; then
  check "$work/kit/members.so" com.example.members
  check "$work/kit/signed.so" com.example.signed
fi
command -v pkg-config >/dev/null 2>&1 || { echo "no pkg-config here"; exit 0; }

# through_pkg_config DIRECTORY SUFFIX: a plugin in C++ and one with the kit, from the files in that directory alone.
through_pkg_config() {
  export PKG_CONFIG_PATH="$1"
  pkg-config --exact-version=1.0.0 gatehouse-sdk
  flags="$(pkg-config --cflags gatehouse-sdk) $(pkg-config --variable=plugin_cflags gatehouse-sdk)"
  ldflags=$(pkg-config --variable=plugin_ldflags gatehouse-sdk)
  [ -r "$(pkg-config --variable=plugin_map gatehouse-sdk)" ] || { echo "FAILED: no version script"; exit 1; }
  # shellcheck disable=SC2086
  c++ -std=c++17 -O2 $flags "$consumer/gate.cpp" $ldflags -o "$work/gate-$2.so"
  check "$work/gate-$2.so"
  [ "$kit" = 1 ] || return 0
  # shellcheck disable=SC2046,SC2086
  c++ -std=c++17 -O2 $flags "$(dirname "$consumer")/kit_consumer/members.cpp" $(pkg-config --libs gatehouse-kit-json) $ldflags \
    -o "$work/members-$2.so"
  check "$work/members-$2.so" com.example.members
  # shellcheck disable=SC2046,SC2086
  c++ -std=c++17 -O2 $flags "$(dirname "$consumer")/kit_consumer/signed.cpp" $(pkg-config --libs gatehouse-kit-jose) $ldflags \
    -o "$work/signed-$2.so"
  check "$work/signed-$2.so" com.example.signed
}
# Moved after it was installed: nothing may name the place where it was first.
mv "$work/prefix" "$work/moved"
installed=$(dirname "$(find "$(cd "$work/moved" && pwd)" -name gatehouse-sdk.pc)")
through_pkg_config "$installed" installed
# The examples, as a stranger builds them with what is installed; the gateway's own check holds them to the rules.
examples=$(dirname "$consumer")/../../plugins/examples
example() {  # example NAME ID COMPILER LIBRARY... -- OPTION...: of `plugin check`
  name=$1 id=$2 compiler=$3 libraries=''
  shift 3
  while [ "$1" != -- ]; do libraries="$libraries $1"; shift; done
  shift
  # shellcheck disable=SC2086
  $compiler -O2 $flags "$examples/$name"/*.c* $ldflags $libraries -o "$work/$name.so"
  check "$work/$name.so" "$id"
  (cd "$examples/$name" && "$build/bin/gatehouse" plugin check --settings settings.json "$@" "$work/$name.so" >"$work/$name.txt") ||
    { cat "$work/$name.txt"; echo "FAILED: $name does not pass \`plugin check\`"; exit 1; }
}
example shared_token com.example.shared-token 'c++ -std=c++17' --
example ip_allow_list com.example.ip-allow-list cc --
example introspection com.example.introspection 'c++ -std=c++17' -lcrypto -- --http http.json
example hmac_webhook com.example.hmac-webhook 'c++ -std=c++17' -lcrypto --
case $(pkg-config --variable=plugindir gatehouse-sdk) in
  */gatehouse/plugins) ;;
  *) echo "FAILED: plugindir is $(pkg-config --variable=plugindir gatehouse-sdk)"; exit 1 ;;
esac
through_pkg_config "$build/plugin-sdk/pkgconfig" uninstalled
[ -d "$(pkg-config --variable=plugindir gatehouse-sdk)" ] || { echo "FAILED: no plugindir in the build tree"; exit 1; }
