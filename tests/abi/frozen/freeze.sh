#!/bin/sh
# freeze.sh: the SDK as it stands becomes frozen/draft-N, N being GH_ABI_DRAFT of abi.h. The sources are those of the draft
# before; while N is the same only the copies of the headers are made anew.
set -e
cd "$(dirname "$0")"
sdk=../../../plugin-sdk
draft=$(sed -n 's/^#define GH_ABI_DRAFT //p' $sdk/include/gatehouse/abi.h)
last=$(ls -d draft-* | sort -V | tail -n 1)
[ "$last" = "draft-$draft" ] || git mv "$last" "draft-$draft"
rm -f "draft-$draft/include/gatehouse/"*
cp $sdk/include/gatehouse/*.h $sdk/include/gatehouse/*.hpp "draft-$draft/include/gatehouse/"
rm "draft-$draft/include/gatehouse/testing.hpp"  # no plugin is built with it
cp $sdk/cmake/plugin.map "draft-$draft/"
