#!/bin/sh
# readme.sh README CONSUMER: the README's code is the code that abi.installed_package builds.
block() { awk -v kind="$1" '$0 == "```" kind && !done { on = 1; next } $0 == "```" && on { on = 0; done = 1 } on' "$2"; }
block cpp "$1" | diff - "$2/gate.cpp" && block cmake "$1" | diff - "$2/CMakeLists.txt"
