# Finds out what can be built here. Sourced by run.sh and test.sh, after the SDK is known to be there.
#
# The fleet on Orleans and Redis needs packages that a registry may not have; everything else does not. What is found is
# said in one line. FLEET=false chooses the smaller build by hand.

# choose_build: restores, and sets fleet (true or false) and solution.
choose_build() {
  local log
  log=$(mktemp)
  fleet=${FLEET:-true}
  solution=RelayFleet.sln
  if [ "$fleet" = true ] && ! dotnet restore RelayFleet.sln --nologo -v quiet -p:Fleet=true >"$log" 2>&1; then
    fleet=false
    echo "without Orleans: its packages cannot be restored ($(grep -oE 'NU[0-9]+: .*' "$log" | head -1 | cut -c1-160))"
  elif [ "$fleet" = true ]; then
    echo "with Orleans: its packages are there"
  else
    echo "without Orleans: FLEET=$fleet"
  fi
  if [ "$fleet" != true ]; then
    solution=RelayFleet.Standalone.slnf
    dotnet restore "$solution" --nologo -v quiet -p:Fleet=false >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; return 1; }
  fi
  rm -f "$log"
}

# The tests that need Orleans, counted in their sources: those cannot be built where it is missing.
count_fleet_tests() {
  grep -rhoE '^\s*\[(Fact|Theory)' tests/Relay.Grains.Tests tests/Relay.Fleet.Tests/Behaviour --include='*.cs' | wc -l
}
