using Relay.Testing.Behaviour;

namespace Relay.Fleet.Tests.Local;

public class LocalNodeTests() : NodeBehaviour(LocalHarness.StartAsync);

public class LocalNameTests() : NameBehaviour(LocalHarness.StartAsync);

public class LocalSessionTests() : SessionBehaviour(LocalHarness.StartAsync);

public class LocalLeaseTests() : LeaseBehaviour(LocalHarness.StartAsync);

public class LocalLostStateTests() : LostStateBehaviour(LocalHarness.StartAsync);

public class LocalPoolTests() : PoolBehaviour(LocalHarness.StartAsync);

public class LocalDrainTests() : DrainBehaviour(LocalHarness.StartAsync);

public class LocalLimitTests() : LimitBehaviour(LocalHarness.StartAsync);

public class LocalStatsTests() : StatsBehaviour(LocalHarness.StartAsync);

public class LocalEventTests() : EventBehaviour(LocalHarness.StartAsync);
