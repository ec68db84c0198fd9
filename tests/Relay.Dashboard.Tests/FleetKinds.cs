using Relay.Testing.Browser;
using Relay.Testing.Fleets;

namespace Relay.Dashboard.Tests;

// What the page does with a fleet is tested over the fleet in one process, and over grains where their packages are.
public sealed class LocalDrainTests(Chromium chromium) : DrainTests(chromium, DrivenLocalFleet.StartAsync);

public sealed class LocalPoolTests(Chromium chromium) : PoolTests(chromium, DrivenLocalFleet.StartAsync);

public sealed class LocalSessionTests(Chromium chromium) : SessionTests(chromium, DrivenLocalFleet.StartAsync);

public sealed class LocalLiveTests(Chromium chromium) : LiveTests(chromium, DrivenLocalFleet.StartAsync);

public sealed class LocalUserTests(Chromium chromium) : UserTests(chromium, DrivenLocalFleet.StartAsync);

public sealed class GrainDrainTests(Chromium chromium) : DrainTests(chromium, DrivenGrainFleet.StartAsync);

public sealed class GrainPoolTests(Chromium chromium) : PoolTests(chromium, DrivenGrainFleet.StartAsync);

public sealed class GrainSessionTests(Chromium chromium) : SessionTests(chromium, DrivenGrainFleet.StartAsync);

public sealed class GrainLiveTests(Chromium chromium) : LiveTests(chromium, DrivenGrainFleet.StartAsync);

public sealed class GrainUserTests(Chromium chromium) : UserTests(chromium, DrivenGrainFleet.StartAsync);
