#!/bin/sh
# exported.sh DIRECTORY...: every plugin there exports gatehouse_module_v1 and nothing else.
failed=0 seen=0
for directory in "$@"; do
  for file in "$directory"/*.so; do
    [ -e "$file" ] || continue
    seen=$((seen + 1))
    names=$(nm -D --defined-only --format=posix "$file" | cut -d' ' -f1 | tr '\n' ' ')
    if [ "$names" = 'gatehouse_module_v1 ' ]; then
      echo "ok: $file"
    else
      echo "FAILED: $file exports: $names"
      failed=1
    fi
  done
done
[ "$seen" -gt 1 ] || { echo "FAILED: $seen plugins seen"; failed=1; }
exit $failed
