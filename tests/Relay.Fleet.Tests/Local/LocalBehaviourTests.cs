using Relay.Testing.Behaviour;

namespace Relay.Fleet.Tests.Local;

public class LocalNodeTests() : NodeBehaviour(LocalHarness.StartAsync);

public class LocalNameTests() : NameBehaviour(LocalHarness.StartAsync);

public class LocalQuarantineTests() : QuarantineBehaviour(LocalHarness.StartAsync);

public class LocalSessionTests() : SessionBehaviour(LocalHarness.StartAsync);

public class LocalLeaseTests() : LeaseBehaviour(LocalHarness.StartAsync);

public class LocalLostStateTests() : LostStateBehaviour(LocalHarness.StartAsync);

public class LocalBackupTests() : BackupBehaviour(LocalHarness.StartAsync);

public class LocalPoolTests() : PoolBehaviour(LocalHarness.StartAsync);

public class LocalDrainTests() : DrainBehaviour(LocalHarness.StartAsync);

public class LocalLimitTests() : LimitBehaviour(LocalHarness.StartAsync);

public class LocalStatsTests() : StatsBehaviour(LocalHarness.StartAsync);

public class LocalEventTests() : EventBehaviour(LocalHarness.StartAsync);

public class StoredLocalNodeTests() : NodeBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalNameTests() : NameBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalQuarantineTests() : QuarantineBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalSessionTests() : SessionBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalLeaseTests() : LeaseBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalLostStateTests() : LostStateBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalBackupTests() : BackupBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalPoolTests() : PoolBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalDrainTests() : DrainBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalLimitTests() : LimitBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalStatsTests() : StatsBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalEventTests() : EventBehaviour(LocalHarness.StartWithStateAsync);

public class LocalUserTests() : UserBehaviour(LocalHarness.StartAsync);

public class LocalUserHandOverTests() : UserHandOverBehaviour(LocalHarness.StartAsync);

public class LocalUserUsageTests() : UserUsageBehaviour(LocalHarness.StartAsync);

public class LocalEnrolmentTests() : EnrolmentBehaviour(LocalHarness.StartAsync);

public class StoredLocalEnrolmentTests() : EnrolmentBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalUserTests() : UserBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalUserHandOverTests() : UserHandOverBehaviour(LocalHarness.StartWithStateAsync);

public class StoredLocalUserUsageTests() : UserUsageBehaviour(LocalHarness.StartWithStateAsync);

public class LocalLiarTests(ITestOutputHelper output) : LiarBehaviour(LocalHarness.StartAsync, output);

public class StoredLocalLiarTests(ITestOutputHelper output) : LiarBehaviour(LocalHarness.StartWithStateAsync, output);

public class LocalShareTests() : ShareBehaviour(LocalHarness.StartAsync);

public class StoredLocalShareTests() : ShareBehaviour(LocalHarness.StartWithStateAsync);
