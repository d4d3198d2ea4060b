#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints what each object of the library takes, in bytes: code and constants, data, bss, and the
# deepest stack frame of one of its functions.   SIZE=size tools/size.sh BUILD
set -eu
cd "$1"
printf '%-28s %7s %6s %6s %7s\n' object text data bss stack
find src port -name '*.o' | sort | while read -r object; do
    stack=$(awk -F '\t' '$2 > max { max = $2 } END { print max + 0 }' "${object%.o}.su")
    "${SIZE:-size}" "$object" | awk -v name="$object" -v stack="$stack" \
        'NR == 2 { printf "%-28s %7d %6d %6d %7d\n", name, $1, $2, $3, stack }'
done | awk '{ print; text += $2; data += $3; bss += $4; if ($5 > stack) stack = $5 }
            END { printf "%-28s %7d %6d %6d %7d\n", "all", text, data, bss, stack }'
