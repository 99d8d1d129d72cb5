#!/bin/sh
# headers.sh COMPILER INCLUDE: compiles abi.h alone as C89 to C++23 and authorizer.hpp as C++17 to C++23, warnings as
# errors; abi.h also without a byte of padding. Ends with 77 (skipped) when the compiler is not there.
case $1 in
  gcc) cc=gcc cxx=g++ ;;
  clang) cc=clang cxx=clang++ ;;
  mingw) cc=x86_64-w64-mingw32-gcc-posix cxx=x86_64-w64-mingw32-g++-posix ;;
esac
command -v "$cxx" >/dev/null 2>&1 || [ "$1" != clang ] || cc=clang-14 cxx=clang++-14
command -v "$cxx" >/dev/null 2>&1 && command -v "$cc" >/dev/null 2>&1 || { echo "no $1 here"; exit 77; }
include=$2
failed=0
compile() {  # compile TEXT COMMAND...
  text=$1
  shift
  if printf '%s\n' "$text" | "$@" -I"$include" -Wall -Wextra -pedantic -Werror -c -o /dev/null -; then
    echo "ok: $*"
  else
    echo "FAILED: $*"
    failed=1
  fi
}
abi='#include <gatehouse/abi.h>
GATEHOUSE_MANIFEST("com.example.test", "1.0.0")'
for std in c89 c99 c11 c17 c2x; do compile "$abi" "$cc" -x c -std=$std -Wpadded -Wno-unused-const-variable; done
for std in c++98 c++11 c++14 c++17 c++20 c++2b; do compile "$abi" "$cxx" -x c++ -std=$std -Wpadded; done
plugin='#include <gatehouse/authorizer.hpp>
struct T : gatehouse::Authorizer {
  explicit T(const gatehouse::Config&) {}
  gatehouse::Answer authorize(const gatehouse::Request& r) override { return gatehouse::allow(r.path()).context("n", 1); }
};
GATEHOUSE_AUTHORIZER(T, "com.example.test", "1.0.0")'
lookup=$(cat "$(dirname "$0")/consumer/lookup.cpp")  # the README's
services=$(cat "$(dirname "$0")/services.cpp")
strict='-Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual'
for std in c++17 c++20 c++2b; do
  compile "$plugin" "$cxx" -x c++ -std=$std -fPIC $strict
  if [ "$1" = clang ] && printf '#include <string>\n' | "$cxx" -x c++ -stdlib=libc++ -fsyntax-only - 2>/dev/null; then
    compile "$plugin" "$cxx" -x c++ -std=$std -stdlib=libc++ -fPIC $strict
    compile "$services" "$cxx" -x c++ -std=$std -stdlib=libc++ -fPIC $strict
  fi
  compile "$services" "$cxx" -x c++ -std=$std -fPIC $strict
  compile "$lookup" "$cxx" -x c++ -std=$std -fPIC $strict
done
# What a program that runs out of C++17 is told.
if printf '#include <gatehouse/authorizer.hpp>\n' | "$cxx" -x c++ -std=c++14 -I"$include" -fsyntax-only - 2>&1 |
  grep -q 'needs C++17'; then
  echo 'ok: C++14 is refused with a sentence'
else
  echo 'FAILED: C++14 is not refused with a sentence'
  failed=1
fi
exit $failed
