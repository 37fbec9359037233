#!/usr/bin/env bash
# Puts into build/space what a Space consists of: the app's files, as Git knows them where there is Git, and what
# lies beside this script.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf build/space && mkdir -p build/space
parts=(app.py gan pages ui static .streamlit/config.toml requirements.txt LICENSE)
if [ -d .git ]; then git ls-files -z "${parts[@]}"; else
  find "${parts[@]}" -type f ! -name '*.pyc' ! -name plotly.min.js -print0; fi \
  | tar --create --null --files-from - --file - | tar --extract --file - --directory build/space
cp space/Dockerfile space/README.md space/start.py build/space
echo "build/space holds $(find build/space -type f | wc -l) files, $(du -sh build/space | cut -f1). Next (docs/space.md):"
echo "  hf repos create USER/gan-workbench --type space --sdk docker"
echo "  hf upload USER/gan-workbench build/space . --type space --delete '*'"
