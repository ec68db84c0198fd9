namespace Relay.Testing.Behaviour;

/// <summary>
/// What every fleet does, whatever runs it. The classes that derive from this one have the tests; those that run say what
/// they run over. Nothing here knows who decides, or how soon after a report its effects are seen: tests wait for them.
/// </summary>
/// <param name="start">Begins a fleet that nobody has used.</param>
public abstract class FleetBehaviour(Func<Task<IFleetHarness>> start) : IAsyncLifetime
{
    /// <summary>The times of every fleet here, such that no test has to wait for long.</summary>
    public static readonly FleetTimings Timings = new()
    {
        ReportInterval = TimeSpan.FromSeconds(1),
        NodeTimeout = TimeSpan.FromSeconds(6),
        LeaseTime = TimeSpan.FromSeconds(30),
        HolderMargin = TimeSpan.FromSeconds(4),
        MaxClockSkew = TimeSpan.FromSeconds(1),
        Quarantine = TimeSpan.FromSeconds(20),
        LameTime = TimeSpan.FromSeconds(3),
        ReturnTime = TimeSpan.FromSeconds(20),
        ForgetAfter = TimeSpan.FromSeconds(60),
    };

    /// <summary>What the sessions of all nodes may take of a coordinator here: such that one node is soon at its bound.</summary>
    public const long SessionBytes = 8 << 20;

    private FleetWorld? _world;

    protected FleetWorld World => _world!;

    protected IFleet Fleet => World.Fleet;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = new FleetWorld(await start());

    public async ValueTask DisposeAsync()
    {
        if (_world is not null)
            await _world.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
