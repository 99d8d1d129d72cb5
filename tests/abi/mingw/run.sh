#!/bin/sh
# run.sh CMAKE BUILD SOURCE WORK: the SDK on Windows. Headers by the MinGW compiler; the examples as DLLs through the
# installed package; each loaded by a Boost.DLL host under Wine. Ends with 77 and a line when MinGW or Wine is not here.
set -e
cmake=$1 build=$2 source=$(cd "$3" && pwd)
mkdir -p "$4"
work=$(cd "$4" && pwd)
cxx=x86_64-w64-mingw32-g++-posix
command -v "$cxx" >/dev/null 2>&1 || { echo "SKIPPED: no MinGW here (g++-mingw-w64-x86-64-posix): no DLL was built"; exit 77; }
wine=
for name in wine64 /usr/lib/wine/wine64 wine; do
  if command -v "$name" >/dev/null 2>&1; then wine=$name; break; fi
done
[ "$wine" ] || { echo "SKIPPED: no Wine here (wine64): no DLL was run"; exit 77; }
here=$source/tests/abi/mingw
rm -rf "$work"
mkdir -p "$work"
"$cmake" --install "$build" --component sdk --prefix "$work/prefix" >/dev/null
"$cmake" -S "$here" -B "$work/build" -DCMAKE_TOOLCHAIN_FILE="$here/toolchain.cmake" -DCMAKE_BUILD_TYPE=Release \
  -DGatehouseSDK_DIR="$(dirname "$(find "$work/prefix" -name GatehouseSDKConfig.cmake)")" \
  -DEXAMPLES="$source/plugins/examples" -DLATER="$(find "$source/tests/abi/frozen" -name later.cpp | sort -V | tail -n 1)" >/dev/null
"$cmake" --build "$work/build"
cd "$work/build"
for dll in shared_token ip_allow_list later; do
  x86_64-w64-mingw32-objdump -h "$dll.dll" | grep -q '\.ghmeta' || { echo "FAILED: $dll.dll has no manifest"; exit 1; }
  names=$(x86_64-w64-mingw32-objdump -p "$dll.dll" | sed -n '/Ordinal\/Name Pointer/,/^$/s/^[[:space:]]*\[ *[0-9]*\] *//p' | tr '\n' ' ')
  [ "$names" = 'gatehouse_module_v1 ' ] || { echo "FAILED: $dll.dll exports: $names"; exit 1; }
  if x86_64-w64-mingw32-objdump -p "$dll.dll" | grep -qi 'DLL Name: lib'; then echo "FAILED: $dll.dll needs DLLs of the compiler's"; exit 1; fi
done
export WINEPREFIX="$work/wine" WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
failed=0
ask() {  # ask EXPECTED ARGUMENT...
  expected=$1
  shift
  said=$("$wine" ./host.exe "$@" 2>/dev/null | tr -d '\r')
  if [ "$said" = "$expected" ]; then echo "ok: $said"; else echo "FAILED: $*: $said"; failed=1; fi
}
ask 'com.example.shared-token: 0 allow token-user' shared_token.dll /token s3cret-token 192.0.2.1 x-token s3cret-token
ask 'com.example.shared-token: 0 deny ' shared_token.dll /token s3cret-token 192.0.2.1 x-token wrong
ask 'com.example.shared-token: 0 unauthorized Token' shared_token.dll /token s3cret-token 192.0.2.1 x-token ''
ask 'com.example.ip-allow-list: 0 allow ' ip_allow_list.dll /allow/0 192.0.2.0/24 192.0.2.1 x ''
ask 'com.example.ip-allow-list: 0 deny ' ip_allow_list.dll /allow/0 192.0.2.0/24 198.51.100.7 x ''
ask 'frozen.later-cpp: 1 allow ann' later.dll /x x 192.0.2.1 x-user ann
ask 'frozen.later-cpp: 1 failed ' later.dll /x x 192.0.2.1 x-user drop
[ -x "$(command -v wineserver 2>/dev/null)" ] && wineserver -k 2>/dev/null || true
exit $failed
