#!/bin/bash -eu
# SPDX-License-Identifier: BSD-3-Clause
# Builds the fuzz targets as OSS-Fuzz asks: its CC, CFLAGS and LIB_FUZZING_ENGINE; programs, libraries and corpora into OUT.
# Tried without OSS-Fuzz, where this source is /tmp/src/tlsfp:
#     export CFLAGS="-O1 -fsanitize=address,fuzzer-no-link" CC=clang CXX=clang++ SRC=/tmp/src WORK=/tmp/work OUT=/tmp/out
#     CXXFLAGS=$CFLAGS LIB_FUZZING_ENGINE=-fsanitize=fuzzer packaging/oss-fuzz/build.sh
cd "${SRC:?}/tlsfp"
cmake -S . -B "${WORK:?}/build" -G Ninja -DTLSFP_FUZZ=ON -DTLSFP_FUZZ_ENGINE="$LIB_FUZZING_ENGINE" \
    -DTLSFP_PLUGIN=OFF -DTLSFP_TESTS=OFF -DTLSFP_LIBRARY=OFF -DCMAKE_BUILD_RPATH="\$ORIGIN/lib" -DCMAKE_BUILD_TYPE=None
cmake --build "$WORK/build"
mkdir -p "${OUT:?}/lib"
for program in "$WORK"/build/tests/fuzz/fuzz_*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    name=$(basename "$program")
    cp "$program" "$OUT"
    ldd "$program" | awk '$3 ~ /^\// && $3 !~ /\/(libc|libm|libpthread|libdl|librt|libgcc_s|ld-linux[^\/]*)\.so/ { print $3 }' | xargs -r cp -uLt "$OUT/lib"
    (cd "tests/fuzz/corpus/${name#fuzz_}" && python3 -m zipfile -c "$OUT/${name}_seed_corpus.zip" ./*)
done
