
namespace Relay.Grains.Hosting;

/// <summary>
/// What ends a silo: the cluster declared it dead, or something in it broke. Orleans would end the process; here
/// tunnels run in the same process, which must not notice, so that only the silo is ended and begun anew.
/// </summary>
internal sealed class SiloFailure : IFatalErrorHandler
{
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the reason when the silo cannot go on.</summary>
    internal Task<string> Failed => _failed.Task;

    /// <summary>Ends the silo for a reason of our own.</summary>
    internal void Report(string reason) => _failed.TrySetResult(reason);

    /// <inheritdoc/>
    public bool IsUnexpected(Exception exception) =>
        exception is not (ThreadAbortException or OperationCanceledException);

    /// <inheritdoc/>
    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null) =>
        Report(exception is null ? context ?? "unknown" : $"{context}: {exception.Message}");
}
