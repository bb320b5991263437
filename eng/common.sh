# shellcheck shell=bash
# Shared by run, test and .ci/run: checks the SDK, installs what is missing, builds. Sourced by bash, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
artifacts=$root/artifacts

# A build must not leave a compiler or build server behind.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
# Packages below the user's own folder are found by NuGet and MSBuild through HOME.
export HOME=${HOME:-$(cd ~ && pwd)}

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# within SECONDS COMMAND…: the command, ended when it takes longer; without a limit where there is no timeout(1). It stays in the
# terminal's foreground, so that Ctrl+C reaches it.
within() {
    local seconds=$1
    shift
    if have timeout; then timeout --foreground -k 5 "$seconds" "$@"; else "$@"; fi
}

check_sdk() {
    have dotnet || { [ -x "$HOME/.dotnet/dotnet" ] && export PATH="$HOME/.dotnet:$PATH"; }
    have dotnet || fail "The .NET SDK is missing: install version 10.0.100 or later (https://dot.net/download) and try again."
    # global.json asks for 10.0.100 or a later 10.0; dotnet itself decides whether an installed SDK will do.
    (cd "$root" && dotnet --version) >/dev/null 2>&1 || fail "The .NET SDK 10.0.100 or later is needed;" \
        "found: $(cd / && dotnet --list-sdks 2>/dev/null | awk '{ all = all sep $1; sep = ", " } END { print all ? all : "none" }')."
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif have sudo && [ -t 0 ]; then sudo "$@"
    elif have sudo; then sudo -n "$@"
    else return 1
    fi
}

# The package that has a command, by package manager.
package_of() {
    case $1:$2 in
        redis-server:apt-get) say redis-server ;;
        redis-server:*) say redis ;;
        node:apt-get | node:dnf) say nodejs ;;
        npm:brew) say node ;;
        ip:apt-get) say iproute2 ;;
        ip:dnf) say iproute ;;
        *) say "$1" ;;
    esac
}

# In a subshell, so that its trap removes the guard in any case.
apt_install() (
    # Debian starts a service as soon as it is installed. The AppHost starts its own redis-server, so that one is held back.
    guard=/usr/sbin/policy-rc.d
    if [ ! -e "$guard" ]; then
        trap 'as_root rm -f "$guard"' EXIT
        as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$guard && chmod 755 $guard" || exit 1
    fi
    as_root apt-get update -qq || say "apt-get update failed; trying with the package lists that are there."
    mkdir -p "$artifacts"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$artifacts/install.log" 2>&1 && exit 0
    status=$?
    tail -n 5 "$artifacts/install.log" >&2
    exit "$status"
)

# install_missing COMMAND…: installs the packages of the commands that are not there; fails when one is still missing.
install_missing() {
    local manager='' command missing=() packages=()
    for command in "$@"; do have "$command" || missing+=("$command"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    for command in apt-get dnf brew; do
        if have "$command"; then manager=$command; break; fi
    done
    if [ -z "$manager" ]; then
        say "Missing: ${missing[*]}. No package manager that is known here (apt-get, dnf, brew): please install them yourself."
        return 1
    fi
    for command in "${missing[@]}"; do packages+=("$(package_of "$command" "$manager")"); done
    say "Installing ${packages[*]} with $manager, for: ${missing[*]}."
    local status=0
    case $manager in
        apt-get) apt_install "${packages[@]}" || status=$? ;;
        dnf) as_root dnf install -y -q "${packages[@]}" || status=$? ;;
        brew) brew install -q "${packages[@]}" || status=$? ;;
    esac
    local absent=()
    for command in "${missing[@]}"; do have "$command" || absent+=("$command"); done
    if [ ${#absent[@]} -gt 0 ]; then
        say "Could not install ${absent[*]} ($manager ended with $status; root rights or sudo are needed). By hand: $manager install ${packages[*]}"
        return 1
    fi
    say "Installed ${packages[*]}."
}

# build PROJECT: in Release; silent unless it fails, which `dotnet build` cannot be.
build() {
    say "Building $1 (Release) …"
    within 400 dotnet msbuild "$root/$1" -restore -p:Configuration=Release -p:UseSharedCompilation=false -verbosity:quiet -nologo || fail "The build of $1 failed."
}
