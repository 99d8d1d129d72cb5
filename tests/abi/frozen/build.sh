#!/bin/sh
# build.sh FROZEN OUT: builds the frozen plugins of every draft or release in FROZEN with every compiler that is here, each
# with its own copy of the headers: OUT/FOLDER/COMPILER/{gate-c,gate-cpp,later-cpp}.so. One build more is of a draft that
# no gateway speaks: OUT/other/gcc/gate-c.so.
set -e
frozen=$1 out=$2
rm -rf "$out"
plugin() {  # plugin COMPILER SOURCE OUTPUT INCLUDE MAP FLAG...
  compiler=$1 source=$2 output=$3 include=$4 map=$5
  shift 5
  mkdir -p "$(dirname "$output")"
  "$compiler" "$@" -O1 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -shared -pthread -I"$include" \
    "-Wl,--version-script=$map" -Wl,-z,now -Wl,-z,relro -Wl,-z,noexecstack -Wl,--no-undefined "$source" -o "$output"
  echo "built: $output"
}
here() { command -v "$1" >/dev/null 2>&1; }
for folder in "$frozen"/*-*/; do
  folder=${folder%/} name=$(basename "$folder") include=$folder/include map=$folder/plugin.map
  for pair in gcc:g++ clang:clang++; do
    c=${pair%:*} cxx=${pair#*:}
    here "$c" && here "$cxx" || { echo "no $c here: its plugins are left out"; continue; }
    plugin "$c" "$folder/gate.c" "$out/$name/$c/gate-c.so" "$include" "$map" -std=c89
    for std in 17 20; do
      for source in gate later; do
        plugin "$cxx" "$folder/$source.cpp" "$out/$name/$c-c++$std/$source-cpp.so" "$include" "$map" "-std=c++$std"
      done
    done
  done
  if here clang++ && printf '#include <string>\n' | clang++ -x c++ -stdlib=libc++ -fsyntax-only - 2>/dev/null; then
    for source in gate later; do
      plugin clang++ "$folder/$source.cpp" "$out/$name/libc++/$source-cpp.so" "$include" "$map" -std=c++17 -stdlib=libc++
    done
  else
    echo "no libc++ here: its plugins are left out"
  fi
done
mkdir -p "$out/include/gatehouse"
sed 's/^#define GH_ABI_DRAFT .*/#define GH_ABI_DRAFT 9999/' "$folder/include/gatehouse/abi.h" >"$out/include/gatehouse/abi.h"
plugin "${CC:-cc}" "$folder/gate.c" "$out/other/gate-c.so" "$out/include" "$folder/plugin.map" -std=c99
