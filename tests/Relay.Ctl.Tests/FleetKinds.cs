using Relay.Testing.Fleets;

namespace Relay.Ctl.Tests;

// Every test of a command is run over the fleet in one process, and over grains where their packages are.
public sealed class LocalReadingTests() : ReadingTests(DrivenLocalFleet.StartAsync);

public sealed class LocalChangeTests() : ChangeTests(DrivenLocalFleet.StartAsync);

public sealed class LocalDrainTests() : DrainTests(DrivenLocalFleet.StartAsync);

[Trait("Needs", "Cluster")]
public sealed class GrainReadingTests() : ReadingTests(DrivenGrainFleet.StartAsync);

[Trait("Needs", "Cluster")]
public sealed class GrainChangeTests() : ChangeTests(DrivenGrainFleet.StartAsync);

[Trait("Needs", "Cluster")]
public sealed class GrainDrainTests() : DrainTests(DrivenGrainFleet.StartAsync);
