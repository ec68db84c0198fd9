namespace Relay.Fleet;

/// <summary>
/// The fleet over HTTP: <c>POST {coordinator}/v1/nodes/{id}/reports</c>. The coordinator that answered last is asked first;
/// where none has, one at random, so that nodes spread.
/// </summary>
public sealed class HttpFleet : IFleetReports, IDisposable
{
    /// <summary>A fleet behind some coordinators.</summary>
    /// <param name="coordinators">Their addresses, <c>https://HOST[:PORT][/BASE]</c>.</param>
    /// <param name="handler">Sends the requests; checks the coordinators' certificates. Disposed with this object.</param>
    /// <param name="token">Gives the bearer token, each time anew; null for none.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="time">The clock of the time limits.</param>
    /// <param name="random">Chooses where to begin.</param>
    /// <exception cref="ArgumentException">There is no coordinator, or an address is not to be used; the message says which and why.</exception>
    public HttpFleet(
        IReadOnlyList<Uri> coordinators, HttpMessageHandler handler, Func<string?> token, HttpFleetOptions? options = null,
        TimeProvider? time = null, Random? random = null) => throw new NotImplementedException();

    /// <summary>The coordinator that answered last; null before the first answer.</summary>
    public Uri? Coordinator => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask<NodeDirective> ReportAsync(NodeReport report, CancellationToken cancellation) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
