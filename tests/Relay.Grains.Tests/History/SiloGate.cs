namespace Relay.Grains.Tests.History;

/// <summary>
/// Holds up what coordinators ask of each other's grains: of one that is stopped everything, its own grains' work among it; of
/// one that is cut off from the others what crosses the cut.
/// </summary>
internal sealed class SiloGate
{
    private const string Caller = "coordinator";

    private volatile Held? _held;

    /// <summary>Makes a coordinator one of those that can be held.</summary>
    internal void AddTo(ISiloBuilder silo, int number) => silo
        .AddOutgoingGrainCallFilter(call =>
        {
            RequestContext.Set(Caller, number);
            return call.Invoke();
        })
        .AddIncomingGrainCallFilter(async call =>
        {
            if (_held is { } held && held.Includes(RequestContext.Get(Caller) as int?, number))
                await held.Opened.Task;
            await call.Invoke();
        });

    /// <summary>Holds what is asked of one coordinator, or by it, from now on.</summary>
    internal void Hold(int coordinator, bool isCutOff) => _held = new Held(coordinator, isCutOff);

    /// <summary>Lets pass what was held.</summary>
    internal void Open() => Interlocked.Exchange(ref _held, null)?.Opened.SetResult();

    private sealed record Held(int Coordinator, bool IsCutOff)
    {
        internal TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal bool Includes(int? from, int to) =>
            (from == Coordinator || to == Coordinator) && !(IsCutOff && from == to);
    }
}
