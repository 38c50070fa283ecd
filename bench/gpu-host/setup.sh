# Source this on the GPU host (see pack.sh), with NODE_PACKAGES naming the folder that has `webgpu` and `onnxruntime-web`: goes to
# the page's tests and exports what they need to use Chromium on the machine's GPU.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for package in webgpu onnxruntime-web onnxruntime-common; do
  [ -e "$here/tiebreak/node_modules/$package" ] || ln -s "$NODE_PACKAGES/$package" "$here/tiebreak/node_modules/"
done
cat > "$here/fonts.conf" <<X
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>$here/chromium/fonts</dir><cachedir>/tmp/fontconfig</cachedir></fontconfig>
X
# Without a font Chromium ends itself.
export FONTCONFIG_FILE=$here/fonts.conf
export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/chromium/lib:$here/chromium
export CHROME_PATH=$here/chromium/chromium-headless-shell E2E_PREBUILT=1 E2E_GPU=machine
cd "$here/tiebreak"
